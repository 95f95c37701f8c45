import type { Evidence, EvidenceBoot } from '../../../harness/evidence/schema.js';

const DIGEST = 'a'.repeat(64);

function boot(more: Partial<EvidenceBoot> = {}): EvidenceBoot {
  return {
    argv: ['qemu-system-x86_64'],
    end: { kind: 'complete', description: 'complete' },
    totalMs: 1500,
    at: '2026-11-20T00:00:00.000Z',
    reused: false,
    results: [],
    findings: [],
    console: 'tip/console.log',
    ...more,
  };
}

/** A good run, or what `more` makes of it. */
export function sampleEvidence(more: Partial<Evidence> = {}): Evidence {
  return {
    kind: 'run',
    version: 1,
    respin: '0.1.0',
    command: ['respin', 'run'],
    startedAt: '2026-11-20T00:00:00.000Z',
    kernel: { spec: '6.12', provider: 'debian', version: '6.12.117', label: 'debian 6.12.117-1', digest: DIGEST, checks: [] },
    series: { name: 'semundo-v1', title: 'semundo', origin: 'shipped:semundo-v1', digest: DIGEST, promises: {}, suites: ['semundo'], prerequisites: [], patches: [{ number: 1, subject: 'ipc/sem: it', digest: DIGEST }], notes: [], trailers: [], stated: [], letters: [], merged: [] },
    suite: { name: 'semundo', programs: ['msgque'], declared: {} },
    profile: { name: 'plain', cpus: 1, memoryMiB: 256 },
    host: { compiler: 'gcc', linker: 'ld', make: 'make', qemu: 'QEMU 7.2', accelerator: { name: 'tcg', detail: 'as asked' }, sandbox: { kind: 'bubblewrap', detail: 'x' }, ccache: true },
    base: { boots: [boot({ console: 'base/console.log', reused: true })] },
    tip: { boots: [boot()] },
    verdict: {
      name: 'good',
      exitCode: 0,
      reasons: [],
      tests: [{ name: 'semundo.read.format', base: 'fail', tip: 'pass', change: 'fixed', promised: 1, reason: '' }],
      newFindings: [],
      knownFindings: [],
      goneFindings: [],
      notes: [],
    },
    timings: [{ stage: 'build', what: 'tip', ms: 2400, outcome: '3 objects' }],
    totalMs: 4000,
    ...more,
  };
}
