import { EVIDENCE_VERSION, type Evidence, type EvidenceBoot, type EvidenceSide } from '../evidence/schema.js';
import type { EvidenceFile } from '../evidence/write.js';
import type { BuildOutcome, Configuration, GuestImage, PatchRejected, Profile, Series, SourceIdentity, Suite, Verdict } from '../model.js';
import type { Timing } from '../stages.js';
import { describeEnd } from '../verdict/decide.js';
import type { Boot } from './boot-side.js';
import type { Environment } from './environment.js';

/** Everything that was done on one side, as far as it came. */
export interface SideRecord {
  readonly rejected?: PatchRejected | undefined;
  readonly configuration?: Configuration | undefined;
  /** Why there is no configuration. */
  readonly configFailure?: string | undefined;
  readonly build?: BuildOutcome | undefined;
  /** The test program that does not build, with what the compiler said. */
  readonly program?: { readonly name: string; readonly failed: Extract<BuildOutcome, { kind: 'build-failed' }> } | undefined;
  readonly guest?: GuestImage | undefined;
  readonly boots: readonly Boot[];
}

export interface RunRecord {
  readonly respin: string;
  readonly command: readonly string[];
  readonly startedAt: string;
  readonly kernelSpec: string;
  readonly source: SourceIdentity;
  readonly series: Series;
  readonly suite: Suite;
  readonly profile: Profile;
  readonly environment: Environment;
  readonly base: SideRecord;
  readonly tip: SideRecord;
  readonly verdict: Verdict;
  readonly timings: readonly Timing[];
  readonly totalMs: number;
}

function consolePath(side: 'base' | 'tip', index: number): string {
  return `${side}/console${index === 0 ? '' : `-${index + 1}`}.log`;
}

function bootEvidence(side: 'base' | 'tip', boot: Boot, index: number): EvidenceBoot {
  const { transcript, argv, at, reused, results, findings } = boot;
  return {
    ...{ at, reused, argv: [...argv], bootMs: transcript.bootMs, totalMs: transcript.totalMs },
    end: { kind: transcript.end.kind, description: describeEnd(transcript.end) },
    results: results.map((result) => ({ ...result, lines: [...result.lines] })),
    findings: findings.map((finding) => ({ ...finding, lines: [...finding.lines] })),
    console: consolePath(side, index),
  };
}

function buildEvidence(side: 'base' | 'tip', { build, program }: SideRecord): EvidenceSide['build'] {
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

function sideEvidence(side: 'base' | 'tip', record: SideRecord): EvidenceSide {
  const { rejected, configuration, configFailure, guest, boots } = record;
  return {
    rejected: rejected && {
      ...rejected,
      rejections: rejected.rejections.map((one) => ({ ...one, expected: [...one.expected], found: [...one.found] })),
    },
    config:
      configuration === undefined && configFailure === undefined
        ? undefined
        : {
            digest: configuration?.digest,
            misses: (configuration?.misses ?? []).map((miss) => ({ ...miss, dependsOn: [...miss.dependsOn] })),
            failure: configFailure,
          },
    build: buildEvidence(side, record),
    initramfs: guest?.digest,
    boots: boots.map((boot, index) => bootEvidence(side, boot, index)),
  };
}

function sideFiles(side: 'base' | 'tip', { configuration, build, program, boots }: SideRecord): readonly EvidenceFile[] {
  const outcome = program?.failed ?? build;
  return [
    ...(configuration === undefined ? [] : [{ path: `${side}/config`, content: configuration.text }]),
    ...(outcome === undefined ? [] : [{ path: `${side}/build.log`, content: outcome.log }]),
    ...boots.flatMap(({ transcript }, index) => [
      { path: consolePath(side, index), content: Buffer.from(transcript.console, 'latin1') },
      ...transcript.programs.map((program) => ({
        path: `${side}/output${index === 0 ? '' : `-${index + 1}`}/${program.name}.log`,
        content: `${program.output.join('\n')}\n`,
      })),
    ]),
  ];
}

/** `evidence.json` of a run, and the files that go beside it. */
export function assembleEvidence(record: RunRecord): { readonly evidence: Evidence; readonly files: readonly EvidenceFile[] } {
  const { series, suite, profile, environment, verdict, source } = record;
  const evidence: Evidence = {
    version: EVIDENCE_VERSION,
    respin: record.respin,
    command: [...record.command],
    startedAt: record.startedAt,
    kernel: { spec: record.kernelSpec, ...source, checks: source.checks.map((check) => ({ ...check })) },
    series: {
      ...{ name: series.name, title: series.title, origin: series.origin, digest: series.digest, promises: { ...series.promises } },
      patches: series.patches.map(({ number, subject, author, digest }) => ({ number, subject, author, digest })),
    },
    suite: { name: suite.name, programs: suite.programs.map(({ name }) => name) },
    profile: { name: profile.name, cpus: profile.cpus, memoryMiB: profile.memoryMiB },
    host: {
      ...{ compiler: environment.toolchain.compiler, linker: environment.toolchain.linker, make: environment.toolchain.make },
      qemu: environment.qemu,
      accelerator: { name: environment.accelerator.accelerator, detail: environment.accelerator.detail },
      sandbox: { kind: environment.sandbox.kind, detail: environment.sandbox.detail },
      ccache: environment.hasCcache,
    },
    base: sideEvidence('base', record.base),
    tip: sideEvidence('tip', record.tip),
    verdict: {
      name: verdict.verdict,
      exitCode: verdict.exitCode,
      reasons: verdict.reasons.map((reason) => ({ ...reason })),
      tests: verdict.tests.map((test) => ({ ...test })),
      newFindings: verdict.newFindings.map((finding) => ({ ...finding, lines: [...finding.lines] })),
      knownFindings: verdict.knownFindings.map((finding) => ({ ...finding, lines: [...finding.lines] })),
      goneFindings: verdict.goneFindings.map((finding) => ({ ...finding, lines: [...finding.lines] })),
    },
    timings: record.timings.map((timing) => ({ ...timing })),
    totalMs: record.totalMs,
  };
  return { evidence, files: [...sideFiles('base', record.base), ...sideFiles('tip', record.tip)] };
}
