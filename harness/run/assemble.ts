import { EVIDENCE_VERSION, type Evidence, type EvidenceBoot, type EvidenceRejected, type EvidenceRequest, type EvidenceSide, type WalkEvidence } from '../evidence/schema.js';
import type { EvidenceFile } from '../evidence/write.js';
import type { MaintainersOutcome } from '../kernel/tree-scripts.js';
import type { Finding, Patch, PatchRejected, Series, Transcript, Verdict } from '../model.js';
import { asMail } from '../series/as-mail.js';
import { declaredFindings } from '../spec/suite.js';
import type { Timing } from '../stages.js';
import { digestOf } from '../store/digest.js';
import { describeEnd } from '../verdict/decide.js';
import type { WalkVerdict } from '../verdict/walk.js';
import type { WalkedPoint } from './along.js';
import type { Boot } from './boot-side.js';
import type { Plan } from './plan.js';
import type { SideRecord } from './side.js';

/** What is said of a run and of a walk alike. */
export interface CommonRecord {
  readonly respin: string;
  readonly command: readonly string[];
  readonly startedAt: string;
  readonly kernelSpec: string;
  readonly request: EvidenceRequest;
  readonly plan: Plan;
  readonly timings: readonly Timing[];
  /** Undefined where nobody was asked for. */
  readonly maintainers: MaintainersOutcome | undefined;
  readonly totalMs: number;
}

export interface RunRecord extends CommonRecord {
  readonly base: SideRecord;
  readonly tip: SideRecord;
  readonly verdict: Verdict;
}

export interface WalkRecord extends CommonRecord {
  readonly points: readonly WalkedPoint[];
  readonly verdict: WalkVerdict;
}

/** A finding as evidence has it. */
export function findingEvidence(finding: Finding): EvidenceBoot['findings'][number] {
  return { ...finding, lines: [...finding.lines], places: finding.places?.map((place) => ({ ...place })) };
}

function consolePath(side: string, index: number): string {
  return `${side}/console${index === 0 ? '' : `-${index + 1}`}.log`;
}

function consoleBytes({ console }: Transcript): Buffer {
  return Buffer.from(console, 'latin1');
}

function bootEvidence(side: string, boot: Boot, index: number): EvidenceBoot {
  const { transcript, argv, at, reused, results, findings } = boot;
  return {
    ...{ at, reused, argv: [...argv], bootMs: transcript.bootMs, totalMs: transcript.totalMs },
    end: { ...transcript.end, description: describeEnd(transcript.end) },
    results: results.map((result) => ({ ...result, lines: [...result.lines] })),
    findings: findings.map(findingEvidence),
    console: consolePath(side, index),
    consoleDigest: digestOf(consoleBytes(transcript)),
  };
}

function buildEvidence(side: string, { build, program }: SideRecord): EvidenceSide['build'] {
  const outcome = program?.failed ?? build;
  if (!outcome) return undefined;
  const built = outcome.kind === 'built' ? outcome : undefined;
  return {
    ok: built !== undefined,
    what: program?.name ?? 'vmlinux',
    argv: [...outcome.argv],
    ms: outcome.ms,
    objects: built?.objects ?? 0,
    reused: built?.reused ?? false,
    vmlinux: built?.image.digest,
    bytes: built?.image.bytes,
    diagnostics: outcome.diagnostics.map((diagnostic) => ({ ...diagnostic })),
    tail: outcome.kind === 'build-failed' ? [...outcome.tail] : [],
    log: `${side}/build.log`,
  };
}

/** What is said of a patch that does not apply. */
export function rejectedEvidence(rejected: PatchRejected): EvidenceRejected {
  return {
    ...rejected,
    rejections: rejected.rejections.map((one) => ({ ...one, expected: [...one.expected], found: [...one.found] })),
    causes: rejected.causes?.map((cause) => ({ ...cause, patches: cause.patches && [...cause.patches] })),
  };
}

/** One side as evidence has it; `side` is the folder of its files. */
export function sideEvidence(side: string, record: SideRecord): EvidenceSide {
  const { rejected, configuration, configFailure, guest, boots, coverage, auto } = record;
  return {
    rejected: rejected && rejectedEvidence(rejected),
    config:
      configuration === undefined && configFailure === undefined
        ? undefined
        : {
            digest: configuration?.digest,
            misses: (configuration?.misses ?? []).map((miss) => ({ ...miss, dependsOn: [...miss.dependsOn] })),
            failure: configFailure,
            auto: auto && { settings: { ...auto.settings }, failed: auto.failed.map((one) => ({ ...one })) },
          },
    build: buildEvidence(side, record),
    initramfs: guest?.digest,
    coverage: coverage && { compiled: [...coverage.compiled], unbuilt: coverage.unbuilt.map((file) => ({ ...file })) },
    boots: boots.map((boot, index) => bootEvidence(side, boot, index)),
  };
}

/** The files of one side. */
export function sideFiles(side: string, { configuration, build, program, boots }: SideRecord): readonly EvidenceFile[] {
  const outcome = program?.failed ?? build;
  return [
    ...(configuration === undefined ? [] : [{ path: `${side}/config`, content: configuration.text }]),
    ...(outcome === undefined ? [] : [{ path: `${side}/build.log`, content: outcome.log }]),
    ...boots.flatMap(({ transcript }, index) => [
      { path: consolePath(side, index), content: consoleBytes(transcript) },
      ...transcript.programs.map((program) => ({
        path: `${side}/output${index === 0 ? '' : `-${index + 1}`}/${program.name}.log`,
        content: `${program.output.join('\n')}\n`,
      })),
    ]),
  ];
}

function patchEvidence({ number, subject, author, digest, messageId }: Patch): Evidence['series']['patches'][number] {
  return { number, subject, author, digest, messageId };
}

/** What was applied, so that another person needs nothing else to repeat it: a thread may be gone, standard input is. */
export function seriesFiles(series: Series, place = 'series'): readonly EvidenceFile[] {
  const name = (folder: string, index: number): string => `${folder}/${String(index + 1).padStart(4, '0')}.patch`;
  return [
    ...series.prerequisites.map((patch, index) => ({ path: name(`${place}/prerequisites`, index), content: asMail({ ...patch, number: index + 1 }, series.prerequisites.length) })),
    ...series.patches.map((patch, index) => ({ path: name(place, index), content: asMail(patch, series.patches.length) })),
  ];
}

/** A series as evidence has it. */
export function seriesEvidence(series: Series, { merged, stated }: Pick<Plan, 'merged' | 'stated'>): Evidence['series'] {
  return {
    ...{ name: series.name, title: series.title, origin: series.origin, digest: series.digest, promises: { ...series.promises } },
    suites: [...series.suites],
    prerequisites: series.prerequisites.map(patchEvidence),
    patches: series.patches.map(patchEvidence),
    notes: [...series.notes],
    trailers: series.trailers.map((trailer) => ({ ...trailer })),
    letters: series.letters.map((letter) => ({ ...letter, to: [...letter.to], cc: [...letter.cc], references: [...letter.references] })),
    stated: stated.map((check) => ({ ...check })),
    merged: merged.map((one) => ({ ...one, files: [...one.files] })),
  };
}

/** Who should hear of a series, as evidence has it. */
export function maintainersEvidence(outcome: MaintainersOutcome): NonNullable<Evidence['maintainers']> {
  return outcome.kind === 'ran' ? { kind: 'ran', maintainers: outcome.maintainers.map((one) => ({ ...one })) } : outcome;
}

/** What every kind of evidence says. */
export function commonEvidence(record: CommonRecord): Omit<Evidence, 'kind' | 'verdict' | 'base' | 'tip'> {
  const { source, series, suite, profile, environment, fragments, repeat, merged, stated } = record.plan;
  const { provider, version, label, digest, checks } = source;
  return {
    version: EVIDENCE_VERSION,
    respin: record.respin,
    command: [...record.command],
    startedAt: record.startedAt,
    kernel: { spec: record.kernelSpec, provider, version, label, digest, checks: checks.map((check) => ({ ...check })) },
    series: seriesEvidence(series, { merged, stated }),
    maintainers: record.maintainers && maintainersEvidence(record.maintainers),
    suite: { name: suite.name, programs: suite.programs.map(({ name }) => name), declared: { ...declaredFindings(suite) } },
    profile: { name: profile.name, cpus: profile.cpus, memoryMiB: profile.memoryMiB },
    options: {
      ...{ append: [...profile.append], qemuArgs: [...(profile.qemuArgs ?? [])], repeat },
      config: fragments.map(({ name, text }) => ({ name, text })),
    },
    request: record.request,
    host: {
      ...{ compiler: environment.toolchain.compiler, linker: environment.toolchain.linker, make: environment.toolchain.make },
      qemu: environment.qemu,
      accelerator: { name: environment.accelerator.accelerator, detail: environment.accelerator.detail },
      sandbox: { kind: environment.sandbox.kind, detail: environment.sandbox.detail },
      ccache: environment.hasCcache,
    },
    timings: record.timings.map((timing) => ({ ...timing })),
    totalMs: record.totalMs,
  };
}

/** `evidence.json` of a run, and the files that go beside it. */
export function assembleEvidence(record: RunRecord): { readonly evidence: Evidence; readonly files: readonly EvidenceFile[] } {
  const { verdict } = record;
  const evidence: Evidence = {
    ...commonEvidence(record),
    kind: 'run',
    base: sideEvidence('base', record.base),
    tip: sideEvidence('tip', record.tip),
    verdict: {
      name: verdict.verdict,
      exitCode: verdict.exitCode,
      reasons: verdict.reasons.map((reason) => ({ ...reason })),
      tests: verdict.tests.map((test) => ({ ...test })),
      newFindings: verdict.newFindings.map(findingEvidence),
      knownFindings: verdict.knownFindings.map(findingEvidence),
      goneFindings: verdict.goneFindings.map(findingEvidence),
      notes: [...verdict.notes],
    },
  };
  return { evidence, files: [...seriesFiles(record.plan.series), ...sideFiles('base', record.base), ...sideFiles('tip', record.tip)] };
}

function folderOf({ number }: WalkedPoint): string {
  return number === 0 ? 'base' : `patch-${number}`;
}

/** The same of a walk. */
export function assembleWalkEvidence(record: WalkRecord): { readonly evidence: WalkEvidence; readonly files: readonly EvidenceFile[] } {
  const { verdict, points } = record;
  const evidence: WalkEvidence = {
    ...commonEvidence(record),
    kind: 'walk',
    points: points.map((point) => ({
      ...{ patch: point.number, subject: point.subject, outcome: point.outcome?.kind ?? 'not run', sameAs: point.sameAs },
      side: sideEvidence(folderOf(point), point.record),
    })),
    verdict: {
      name: verdict.verdict,
      exitCode: verdict.exitCode,
      reasons: verdict.reasons.map((reason) => ({ ...reason })),
      bisectable: verdict.bisectable,
      rows: verdict.rows.map((row) => ({ ...row, cells: [...row.cells] })),
      brings: verdict.brings.map(({ patch, tests }) => ({ patch, tests: [...tests] })),
    },
  };
  return { evidence, files: [...seriesFiles(record.plan.series), ...points.flatMap((point) => sideFiles(folderOf(point), point.record))] };
}
