import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Context } from '../../../harness/context.js';
import type { Files } from '../../../harness/effects.js';
import { realEffects } from '../../../harness/host/real-effects.js';
import type { KernelTree, Patch, Series } from '../../../harness/model.js';
import type { ProgressEvent } from '../../../harness/progress.js';
import { parseDiff } from '../../../harness/series/diff.js';
import { cacheAt } from '../../../harness/store/cache.js';

export interface Place {
  readonly root: string;
  readonly ctx: Context;
  readonly events: ProgressEvent[];
  readonly tree: KernelTree;
  readonly remove: () => void;
}

/** A cache in a temporary folder, with an empty tree in it. */
export function makePlace(): Place {
  const root = mkdtempSync(join(tmpdir(), 'respin-series-'));
  const cache = cacheAt(join(root, 'cache'));
  const events: ProgressEvent[] = [];
  const home = join(cache.trees, 'test');
  mkdirSync(join(home, 'src'), { recursive: true });
  return {
    root,
    events,
    ctx: { effects: realEffects(), cache, progress: (event) => void events.push(event) },
    tree: {
      home,
      src: join(home, 'src'),
      source: { provider: 'directory', version: '6.12.1', label: 'test', digest: 'test', checks: [] },
    },
    remove: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export function withFiles(ctx: Context, files: Files): Context {
  return { ...ctx, effects: { ...ctx.effects, files } };
}

/** Writes files with an old time that has a part below the millisecond. */
export function fill(root: string, files: Readonly<Record<string, string | Buffer>>): void {
  let seconds = 1_600_000_000.123_456;
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    if (path.endsWith('.sh')) chmodSync(join(root, path), 0o755);
    utimesSync(join(root, path), seconds, seconds);
    seconds += 1;
  }
}

/** Everything about the files below a folder that must come back: content, mode, time; and the folders. */
export function snapshot(root: string, below = ''): readonly string[] {
  return readdirSync(join(root, below), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(below, entry.name);
      if (entry.isDirectory()) return [`${path}/`, ...snapshot(root, path)];
      const stat = lstatSync(join(root, path), { bigint: true });
      const content = entry.isFile() ? readFileSync(join(root, path), 'latin1') : '';
      return [`${path} ${stat.mode.toString(8)} ${stat.mtimeNs} ${JSON.stringify(content)}`];
    });
}

/** A series of these diffs, as `readSeries` would give it. */
export function seriesOf(...diffs: readonly string[]): Series {
  const patches = diffs.map((diff, index): Patch => {
    const parsed = parseDiff(Buffer.from(diff));
    if (parsed.kind !== 'parsed') throw new Error(`no patch: ${JSON.stringify(parsed)}`);
    return {
      number: index + 1,
      subject: `patch ${index + 1}`,
      author: undefined,
      message: '',
      messageId: undefined,
      origin: 'test',
      digest: String(index),
      diff,
      files: parsed.files.map(({ from, to }) => ({ from, to })),
    };
  });
  return { name: 'test', title: 'test', origin: '/test', digest: 'test', prerequisites: [], patches, promises: {}, suites: [], stated: { baseCommit: undefined, prerequisitePatchIds: [] }, notes: [], trailers: [], letters: [] };
}

/** Runs git as a developer would, and returns its output. */
export function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], {
    cwd,
    encoding: 'latin1',
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd, GIT_CONFIG_NOSYSTEM: '1' },
  });
}
