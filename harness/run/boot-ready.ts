import type { Context } from '../context.js';
import { hostError } from '../errors.js';
import type { SideOutcome } from '../model.js';
import { count } from '../spec/count.js';
import type { Stopwatch } from '../stages.js';
import { formatMs } from '../terminal/format.js';
import { bootSide, findingsOf, provesNothing, wantsSecondLook, type Boot } from './boot-side.js';
import type { Plan } from './plan.js';
import type { PreparedSide } from './side.js';

function describeBoot(boot: Boot): string {
  if (boot.reused) return 'reused';
  const passed = boot.results.filter(({ status }) => status === 'pass').length;
  const { kind } = boot.transcript.end;
  const found = boot.findings.length === 0 ? '' : `, ${count(boot.findings.length, 'finding')}`;
  if (provesNothing(boot)) return `${kind}, but the host kept ${formatMs(boot.transcript.lost.ms)} of ${formatMs(boot.transcript.totalMs)} from the guest: it does not count`;
  return `${passed} of ${boot.results.length} tests pass${kind === 'complete' ? '' : `, ${kind}`}${found}`;
}

/** How often a boot is tried on a host that has no time for it. */
const TRIES = 3;

/**
 * Boots a side that was built, once. Boots of one kernel are told apart by their `round`, from 0. One that ended badly
 * while the host kept its time from it is not counted, and is made again.
 * @throws HarnessError `host` `host.starved` when that goes on
 */
export async function bootOnce(
  ctx: Context,
  stopwatch: Stopwatch,
  plan: Plan,
  what: string,
  prepared: Extract<PreparedSide, { kind: 'ready' }>,
  { round, fresh }: { readonly round: number; readonly fresh: boolean },
): Promise<Boot> {
  const { environment, profile, timeoutMs } = plan;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const boot = await stopwatch.measure(
      'boot',
      round === 0 ? what : `${what}, boot ${round + 1}`,
      () =>
        bootSide(ctx, {
          ...{ image: prepared.build.image, guest: prepared.guest, arch: environment.arch, machine: 'microvm', profile, fresh, round, timeoutMs },
          ...{ accelerator: environment.accelerator, qemu: environment.qemu },
        }),
      describeBoot,
    );
    if (!provesNothing(boot)) return boot;
  }
  throw hostError('host.starved', `${what} was booted ${TRIES} times, and each time this host kept the guest waiting for so long that how it ended proves nothing`, {
    hint: 'run respin when less else runs here, or with a higher priority (nice)',
  });
}

/** Boots a side that was built, as often as was asked; an outcome of one boot that may be the host's doing is looked at twice. */
export async function bootReady(ctx: Context, stopwatch: Stopwatch, plan: Plan, what: string, prepared: PreparedSide): Promise<readonly Boot[]> {
  if (prepared.kind === 'failed') return [];
  const { fresh, repeat } = plan;
  const boot = (round: number, anew: boolean): Promise<Boot> => bootOnce(ctx, stopwatch, plan, what, prepared, { round, fresh: anew });
  const first = await boot(0, fresh);
  const boots = [first];
  for (let round = 1; round < repeat; round += 1) boots.push(await boot(round, fresh));
  return repeat === 1 && wantsSecondLook(first) ? [first, await boot(0, true)] : boots;
}

/**
 * How often a kernel is booted on whose boots a fault rests: a test that comes out at random passes four times on one kernel and
 * fails four times on the other in less than one of a hundred runs, however likely either is.
 */
const BOOTS_OF_A_FAULT = 4;
/** A kernel or a test that does not come to its end twice will not the third time; each may cost a time limit. */
const BROKEN_BOOTS = 2;

/** Whether a kernel was booted as often as a fault asks for. */
export function isSettled(boots: readonly Boot[]): boolean {
  const broken = boots.filter(({ transcript, results }) => transcript.end.kind !== 'complete' || results.some(({ status }) => status === 'timeout')).length;
  return boots.length >= BOOTS_OF_A_FAULT || (broken === boots.length && broken >= BROKEN_BOOTS);
}

/** Boots a kernel once more than it was. */
export async function bootAgain(ctx: Context, stopwatch: Stopwatch, plan: Plan, what: string, prepared: PreparedSide, boots: readonly Boot[]): Promise<readonly Boot[]> {
  if (prepared.kind === 'failed') return boots;
  return [...boots, await bootOnce(ctx, stopwatch, plan, what, prepared, { round: boots.length, fresh: plan.fresh })];
}

/** What became of a side; undefined when it was not prepared or not booted. */
export function outcomeOf(prepared: PreparedSide | undefined, boots: readonly Boot[]): SideOutcome | undefined {
  if (prepared?.kind !== 'ready') return prepared?.outcome;
  const [boot] = boots;
  return boot && { kind: 'ran', end: boot.transcript.end, results: boot.results, findings: findingsOf(boots) };
}
