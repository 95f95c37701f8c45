import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Series } from '../../../harness/model.js';
import { diffBytes } from '../../../harness/series/patches.js';
import { git } from './support.js';

/** A small repository with a series of three commits on it, and what git makes of them. */
export interface Repository {
  readonly root: string;
  /** The id of the tree that the series leaves. */
  readonly tip: string;
  /** Runs git in it. */
  readonly git: (...args: readonly string[]) => string;
  /** The patches as text, one byte to a character, by git format-patch with these options. */
  readonly mails: (...options: readonly string[]) => readonly string[];
  /** The id of the tree that a series leaves on the base. */
  readonly applied: (series: Series) => string;
}

const SOURCE = Array.from({ length: 60 }, (_, index) => `\tint line_${index} = ${index};`);

function write(root: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

export function makeRepository(root: string): Repository {
  mkdirSync(root, { recursive: true });
  const run = (...args: readonly string[]): string => git(root, '-c', 'user.name=Jörg Größe', '-c', 'user.email=j@example.org', ...args);
  const commit = (message: string): void => {
    run('add', '-A');
    run('commit', '-qm', message);
  };
  run('init', '-q', '-b', 'main', '.');
  write(root, {
    'ipc/sem.c': `${SOURCE.join('\n')}\n\nint f(void)\n{\n\treturn 1;\n}\n`,
    'fs/old name.c': `${SOURCE.slice(0, 30).join('\n')}\n`,
    'fs/dos.c': 'a\r\nb\r\nc\r\n',
    'fs/latin.c': Buffer.from('/* caf\xe9 */\nint x;\n', 'latin1'),
    'kernel/gone.c': 'int gone;\n',
    'scripts/run.sh': '#!/bin/sh\n',
    'mm/end.c': 'int a;\nint end;',
  });
  commit('base');
  const change = (path: string, from: string, to: string): void => {
    const text = readFileSync(join(root, path), 'latin1');
    writeFileSync(join(root, path), Buffer.from(text.replace(from, to), 'latin1'));
  };
  change('ipc/sem.c', 'line_5 = 5', 'line_5 = 50');
  change('ipc/sem.c', '\treturn 1;', '\treturn 2; /* >= <a@example.org> = */   ');
  change('fs/dos.c', 'b\r', 'B\r');
  commit('ipc/sem: größer: count with a subject that is so long that mail headers have to fold it somewhere\n\nWhy it is so.\n\nSigned-off-by: Jörg Größe <j@example.org>');
  renameSync(join(root, 'fs/old name.c'), join(root, 'fs/new name.c'));
  change('fs/new name.c', 'line_7', 'line_seven');
  change('fs/latin.c', 'caf\xe9', 'caf\xe8');
  chmodSync(join(root, 'scripts/run.sh'), 0o755);
  commit('fs: move it');
  write(root, { 'drivers/logo.bin': Buffer.from([0, 255, 13, 10, 1, 2, 3, 0]), 'net/new.c': 'int n;\n', 'net/empty': '' });
  change('mm/end.c', 'int end;', 'int end; ');
  rmSync(join(root, 'kernel/gone.c'));
  commit('net: add it\n\nA list:\n - one\n - two');
  let outs = 0;
  return {
    root,
    tip: run('rev-parse', 'HEAD^{tree}').trim(),
    git: run,
    mails: (...options) => {
      const out = join(root, '..', `out-${(outs += 1)}`);
      run('format-patch', '-q', '--binary', '-o', out, ...options, 'HEAD~3');
      return readdirSync(out).sort().map((name) => readFileSync(join(out, name), 'latin1'));
    },
    applied: (series) => {
      const folder = join(root, '..', `tree-${(outs += 1)}`);
      run('worktree', 'add', '-q', '--detach', folder, 'HEAD~3');
      const patches = series.patches.map((patch) => {
        const path = join(root, '..', `patch-${(outs += 1)}`);
        writeFileSync(path, diffBytes(patch));
        return path;
      });
      git(folder, 'apply', '--index', '--whitespace=nowarn', '-p1', ...patches);
      return git(folder, 'write-tree').trim();
    },
  };
}

/** A mail of git format-patch in another transfer encoding, as a mailer sends it. */
export function encoded(mail: string, encoding: 'base64' | 'quoted-printable', lineEnd = '\n'): string {
  const blank = mail.indexOf('\n\n');
  const body = mail.slice(blank + 2).replace(/\n/g, lineEnd);
  const header = mail.slice(0, blank).replace(/\n(?:MIME-Version|Content-[\w-]+): [^\n]*/g, '');
  const bytes = Buffer.from(body, 'latin1');
  const text = encoding === 'base64' ? bytes.toString('base64').replace(/.{76}/g, '$&\n') : quotedPrintable(body);
  return `${header}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: ${encoding}\n\n${text}\n`;
}

function quotedPrintable(body: string): string {
  return body
    .split('\n')
    .map((line) => {
      const quoted = line.replace(/[^ -<>-~\t]|[ \t]$/g, (char) => `=${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
      return quoted.replace(/(?:=..|[^=]){70}/g, '$&=\n');
    })
    .join('\n');
}

/** Replaces headers of a mail, and adds those that it lacks. */
export function withHeaders(mail: string, headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers).reduce((text, [name, value]) => {
    const line = new RegExp(`^${name}: [^\\n]*(?:\\n[ \\t][^\\n]*)*`, 'm');
    const blank = text.indexOf('\n\n');
    const head = text.slice(0, blank);
    return `${line.test(head) ? head.replace(line, () => `${name}: ${value}`) : `${head}\n${name}: ${value}`}${text.slice(blank)}`;
  }, mail);
}
