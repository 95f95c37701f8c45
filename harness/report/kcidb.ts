import type { CheckReport } from '../evidence/check-schema.js';
import type { AnyEvidence, SingleEvidence } from '../evidence/kinds.js';
import type { EvidenceBoot } from '../evidence/schema.js';
import { jsonDocument } from '../json-document.js';
import { digestOf } from '../store/digest.js';
import { shorten, visible } from '../terminal/escape.js';
import { sidesOf, type NamedSide } from './sides.js';

/** The version of the submission format: its 5.3 is the newest that kernelci/kcidb-io publishes at this time. */
const VERSION = { major: 5, minor: 3 } as const;
const ORIGIN = 'respin';
const LONGEST = 16_000;

const STATUSES = { pass: 'PASS', fail: 'FAIL', crash: 'FAIL', timeout: 'FAIL', skip: 'SKIP', missing: 'MISS' } as const;

/** The format has no NUL; nothing else of a terminal's is of use in it either. */
function text(raw: string): string {
  return shorten(visible(raw), LONGEST);
}

function excerpt(lines: readonly string[]): string {
  const shown: string[] = [];
  let room = LONGEST;
  for (const line of lines.map(visible)) {
    room -= line.length + 1;
    if (room < 0) break;
    shown.push(line);
  }
  return shown.join('\n');
}

/** A name as a path in their tree of tests: letters, digits, `_` and `-` between dots. */
function testPath(...names: readonly string[]): string {
  return names
    .flatMap((name) => name.split('.'))
    .map((part) => part.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 100))
    .filter((part) => part !== '')
    .join('.');
}

/** Of the patches that are on a kernel, each named by the digest of its diff; of none the empty string. */
function patchsetHash({ series }: AnyEvidence, patches: number): string {
  const digests = [...series.prerequisites, ...series.patches.slice(0, patches)].map(({ digest }) => `${digest}\n`);
  return digests.length === 0 ? '' : digestOf(digests.join(''));
}

function checkout(evidence: AnyEvidence, run: string, { name, subject, side, patches }: NamedSide, index: number): Readonly<Record<string, unknown>> {
  const { kernel, series, startedAt } = evidence;
  const id = series.letters[0]?.messageId;
  const rejected = side.rejected;
  return {
    id: `${ORIGIN}:${run}-${index}`,
    origin: ORIGIN,
    tree_name: text(kernel.provider),
    git_commit_name: text(kernel.version),
    ...(patches === undefined ? {} : { patchset_hash: patchsetHash(evidence, patches) }),
    ...(id !== undefined && patches !== 0 && /^[\w.+=%-]+@[\w.-]+$/.test(id) ? { message_id: id } : {}),
    comment: text(`${name} of ${series.name}: ${subject || series.title}, on ${kernel.label}`),
    start_time: startedAt,
    valid: rejected === undefined,
    ...(rejected === undefined ? {} : { log_excerpt: excerpt(rejected.rejections.map(({ file, problem }) => `${file}: ${problem}`)) }),
    misc: { respin: evidence.respin, kernel_digest: kernel.digest, series_digest: series.digest },
  };
}

function build({ host, profile }: AnyEvidence, run: string, { name, side }: NamedSide, index: number): readonly Readonly<Record<string, unknown>>[] {
  const { build: built, config } = side;
  const base = { checkout_id: `${ORIGIN}:${run}-${index}`, id: `${ORIGIN}:${run}-${index}-build`, origin: ORIGIN, architecture: 'x86_64', config_name: text(profile.name), compiler: text(host.compiler) };
  if (built === undefined) return config?.failure === undefined ? [] : [{ ...base, status: 'FAIL', log_excerpt: text(config.failure) }];
  const said = built.diagnostics.map(({ file, line, severity, message }) => `${file}:${line ?? ''}: ${severity}: ${message}`);
  return [
    {
      ...{ ...base, comment: text(name), duration: built.ms / 1000, command: text(built.argv.join(' ')), status: built.ok ? 'PASS' : 'FAIL' },
      ...(said.length + built.tail.length === 0 ? {} : { log_excerpt: excerpt([...said, ...built.tail]) }),
      misc: { reused: built.reused, ...(built.vmlinux === undefined ? {} : { vmlinux: built.vmlinux }), ...(config?.digest === undefined ? {} : { config: config.digest }) },
    },
  ];
}

interface Shown {
  readonly id: string;
  readonly index: number;
}

function bootTests(boot: EvidenceBoot, { id, index }: Shown, keep: (name: string, status: string) => boolean): readonly Readonly<Record<string, unknown>>[] {
  const common = { build_id: id, origin: ORIGIN, start_time: boot.at };
  const stopped = boot.findings.flatMap(({ lines }) => lines);
  const booted = {
    ...common,
    ...{ id: `${id}-boot${index}`, path: 'boot', status: boot.end.kind === 'complete' ? 'PASS' : boot.end.kind === 'corrupt' ? 'ERROR' : 'FAIL', duration: boot.totalMs / 1000 },
    comment: text(boot.end.description),
    ...(stopped.length === 0 ? {} : { log_excerpt: excerpt(stopped) }),
    misc: { findings: boot.findings.map(({ title }) => text(title)), reused: boot.reused },
  };
  const tests = boot.results.flatMap(({ name, program, status, reason, lines }, number) =>
    keep(name, status)
      ? [{ ...common, id: `${id}-boot${index}-${number}`, path: testPath(program, name.startsWith(`${program}.`) ? name.slice(program.length + 1) : name === program ? '' : name), status: STATUSES[status], comment: text(reason === '' ? name : `${name}: ${reason}`), ...(lines.length === 0 ? {} : { log_excerpt: excerpt(lines) }) }]
      : [],
  );
  return [booted, ...tests];
}

/** A check builds nothing: what it has is whether the patches apply. */
function checkedCheckouts({ kernels, startedAt, command, respin }: CheckReport): readonly Readonly<Record<string, unknown>>[] {
  return kernels.map(({ version, label, digest, series, patches }) => ({
    id: `${ORIGIN}:${digestOf([startedAt, digest, series.digest, ...command].join('\n')).slice(0, 32)}`,
    origin: ORIGIN,
    git_commit_name: text(version),
    patchset_hash: digestOf(patches.map((patch) => `${patch.digest}\n`).join('')),
    comment: text(`${series.name}: ${series.title}, on ${label}`),
    start_time: startedAt,
    valid: patches.every(({ outcome }) => outcome.startsWith('applies')),
    misc: { respin, kernel_digest: digest, series_digest: series.digest },
  }));
}

type Objects = readonly Readonly<Record<string, unknown>>[];

/** What one evidence adds to a submission; a check builds nothing. */
interface Submitted {
  readonly checkouts: Objects;
  readonly builds?: Objects;
  readonly tests?: Objects;
}

function submitted(evidence: SingleEvidence): Submitted {
  if (evidence.kind === 'check') return { checkouts: checkedCheckouts(evidence) };
  const run = digestOf([evidence.startedAt, evidence.kernel.digest, evidence.series.digest, evidence.profile.name, evidence.suite.name, ...evidence.command].join('\n')).slice(0, 32);
  const sides = sidesOf(evidence);
  const before = new Map<string, string>();
  const tests = sides.flatMap(({ side }, index) => {
    const isEnd = evidence.kind !== 'walk' || index === 0 || index === sides.length - 1;
    const keep = (name: string, status: string): boolean => {
      const isSame = before.get(name) === status;
      before.set(name, status);
      return isEnd || !isSame;
    };
    return side.boots.flatMap((boot, number) => bootTests(boot, { id: `${ORIGIN}:${run}-${index}-build`, index: number }, keep));
  });
  return {
    checkouts: sides.map((side, index) => checkout(evidence, run, side, index)),
    builds: sides.flatMap((side, index) => build(evidence, run, side, index)),
    tests,
  };
}

/**
 * A submission for KernelCI's database: a checkout, a build and tests for each kernel, so that the failures of the base are
 * told from those of the series. Of a walk the tests between base and tip are those that came out otherwise than before.
 * @param all one evidence, or those of the cells of a plan
 */
export function renderKcidb(all: readonly SingleEvidence[]): string {
  const parts = all.map(submitted);
  const [builds, tests] = [parts.flatMap((part) => part.builds ?? []), parts.flatMap((part) => part.tests ?? [])];
  const hasBuilds = parts.some((part) => part.builds !== undefined);
  return jsonDocument({ version: VERSION, checkouts: parts.flatMap(({ checkouts }) => checkouts), ...(hasBuilds ? { builds, tests } : {}) });
}
