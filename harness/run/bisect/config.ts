import { join } from 'node:path';
import type { Context } from '../../context.js';
import { usageError } from '../../errors.js';
import { goAlong, mixture, pairConfigs, settingLine, type ConfigPair, type Difference } from '../../kernel/config-difference.js';
import { parseFragment } from '../../kernel/fragment.js';
import { readKconfig } from '../../kernel/kconfig-entries.js';
import { keyOf } from '../../store/digest.js';
import { count } from '../../spec/count.js';
import type { Stopwatch } from '../../stages.js';
import { WITHOUT_OPTIONS, type BisectionState } from '../../verdict/bisection.js';
import { minimize } from '../../verdict/minimize.js';
import { stepsFor } from '../../verdict/narrow.js';
import type { SymptomRequest } from '../../verdict/symptom.js';
import type { SharedRequest } from '../healed-tree.js';
import type { Plan } from '../plan.js';
import { prepareSide } from '../prepare-side.js';
import { confirm } from './confirm.js';
import { proveEnds } from './ends.js';
import { inspect, questionOf, type Bench } from './inspect.js';
import type { Journal } from './journal.js';
import type { Point } from './point.js';
import { msPerStep } from './time-left.js';

export interface ConfigRequest {
  readonly symptom: SymptomRequest | undefined;
  readonly confidence: number;
  /** Fragments, or whole configurations. */
  readonly good: string;
  readonly bad: string;
}

/** One option of the smallest set, and what is seen when it alone is as in the good configuration. */
export interface FoundOption extends Difference {
  /** `absent` proves that it is needed; `unclear`: others need it to come out, or nothing can be told without it. */
  readonly without: 'absent' | 'unclear';
  readonly why: string;
}

export interface ConfigBisected {
  readonly state: BisectionState;
  readonly options: readonly FoundOption[];
}

interface ConfigPoint extends Point {
  /** The differing options that are as in the bad configuration. */
  readonly chosen: ReadonlySet<string>;
}

/** So many options are named in the name of a point. */
const NAMED = 2;

const GOOD = 'the good configuration';
const BAD = 'the bad configuration';

function pointOf(differences: readonly Difference[], part: readonly Difference[]): ConfigPoint {
  const chosen = new Set(part.map(({ option }) => option));
  const subject = part.map(settingOf).join(' ');
  const left = differences.filter(({ option }) => !chosen.has(option));
  if (chosen.size === 0) return { id: GOOD, subject: '', chosen };
  if (left.length === 0) return { id: BAD, subject: '', chosen };
  const digest = keyOf([...chosen].sort()).slice(0, 8);
  return { id: `good with ${part.length <= NAMED ? subject : `${count(part.length, 'option')} (${digest})`}`, subject, chosen };
}

function settingOf({ option, bad }: Difference): string {
  return settingLine(option, bad) || `without ${option}`;
}

/** @throws HarnessError `usage` `config.same` */
async function readPair(ctx: Context, src: string, { good, bad }: ConfigRequest): Promise<ConfigPair> {
  const entries = await readKconfig(async (path) => ctx.effects.files.readFile(join(src, path), 'utf8').catch(() => undefined));
  const pair = pairConfigs(good, bad, entries);
  if (pair.unknown.length > 0) {
    const text = `${count(pair.unknown.length, 'option')} that differ are unknown to this kernel, and make no difference: ${pair.unknown.slice(0, 5).join(', ')}${pair.unknown.length > 5 ? ', …' : ''}`;
    ctx.progress({ type: 'notice', level: 'warning', text });
  }
  if (pair.differences.length > 0) return pair;
  throw usageError('config.same', '--config-good and --config-bad do not differ in an option that can be chosen in this kernel', { hint: 'diff them; options without a prompt follow from others' });
}

/**
 * Searches the smallest set of options that makes the difference between two configurations: with it, and else as in the
 * good one, the kernel shows the symptom. What the journal knows is not done again. The caller holds the tree's lock.
 * @throws HarnessError `usage` `config.same`
 */
export async function bisectConfig(ctx: Context, stopwatch: Stopwatch, plan: Plan, shared: SharedRequest, journal: Journal, request: ConfigRequest): Promise<ConfigBisected> {
  const pair = await readPair(ctx, shared.tree.src, request);
  const benchFor = (differences: readonly Difference[], along: string): Bench<ConfigPoint> => ({
    ...{ ctx, stopwatch, plan },
    prepare: async ({ id, chosen }) => {
      // What goes along and this kernel refuses makes no difference between the two.
      const varying = [
        { name: 'both configurations', text: along, wish: true },
        { name: id, text: mixture(differences, chosen) },
      ];
      return prepareSide(ctx, stopwatch, { ...shared, what: id, series: plan.series, varying });
    },
  });
  const [good, bad] = [pointOf(pair.differences, []), pointOf(pair.differences, pair.differences)];
  const whole = benchFor(pair.differences, pair.common);
  const steps = 2 * stepsFor(pair.differences.length) + 1;
  const proven = await proveEnds(whole, journal, { bad, good, symptom: request.symptom, confidence: request.confidence, steps });
  const nothing = { ends: undefined, contradiction: undefined, confirmations: [] };
  if ('kind' in proven) return { state: { ...nothing, ends: proven.reason, suspects: [] }, options: [] };
  const [goods, bads] = [await finalOptions(whole, good), await finalOptions(whole, bad)];
  tellRefused(ctx, goods, pair.common);
  const { differences, along } = partIdle(pair, goods, bads);
  if (differences.length === 0) {
    return { state: { ...nothing, ends: { code: 'bisect.same-config', text: 'both come out as the same configuration: no option makes the difference' }, suspects: [] }, options: [] };
  }
  const bench = benchFor(differences, along);
  const question = questionOf(proven.symptom, proven.known, proven.ends.needed);

  const markOf = async (part: readonly Difference[], begun = ctx.effects.clock.now()) => inspect(bench, journal, pointOf(differences, part), question, begun);
  const shows = async (part: readonly Difference[]): Promise<boolean> => (await markOf(part)).mark === 'shown';
  /** Takes along what the options of a part need to come out as they are wanted. */
  const grow = async (part: readonly Difference[]): Promise<readonly Difference[]> => {
    let grown = part;
    for (;;) {
      const point = pointOf(differences, grown);
      if (journal.steps().some((step) => step.point === point.id && step.mark !== 'unclear')) return grown;
      const prepared = await bench.prepare(point);
      const misses = prepared.kind === 'failed' && prepared.outcome.kind === 'config-failed' ? prepared.outcome.misses : [];
      const along = new Set(goAlong(differences, point.chosen, misses));
      if (along.size === 0) return grown;
      grown = differences.filter(({ option }) => point.chosen.has(option) || along.has(option));
    }
  };
  const tell = (left: readonly Difference[]): void => {
    const inside = new Set(left.map(({ option }) => option));
    const cells = differences.map(({ option }) => (inside.has(option) ? 'open' : 'old'));
    ctx.progress({ type: 'options', cells, left: left.length, steps: left.length <= 1 ? 0 : 2 * stepsFor(left.length - 1), msPerStep: msPerStep(journal.steps()) });
  };
  tell(differences);
  const showsGrown = async (part: readonly Difference[]): Promise<boolean> => {
    const begun = ctx.effects.clock.now();
    return (await markOf(await grow(part), begun)).mark === 'shown';
  };
  const first = await minimize(differences, showsGrown, tell);
  // What came along may be what it is.
  const found = await minimize(await grow(first), shows, tell);
  const options = await Promise.all(found.map(async (one) => neededOption(one, await markOf(found.filter((other) => other !== one)))));
  const culprit = pointOf(differences, found);
  const rest = differences.filter((one) => !found.includes(one));
  const confirmations = await confirm(bench, journal, question, {
    ...{ parent: good, culprit, fixed: false },
    without: rest.length === 0 ? undefined : pointOf(differences, rest),
    withoutLabel: WITHOUT_OPTIONS,
  });
  return { state: { ...nothing, suspects: [culprit.id], confirmations }, options };
}

function neededOption(one: Difference, { mark, why }: { readonly mark: 'shown' | 'absent' | 'unclear'; readonly why: string }): FoundOption {
  return { ...one, without: mark === 'absent' ? 'absent' : 'unclear', why };
}

/** What the options came out as. */
async function finalOptions(bench: Bench<ConfigPoint>, point: ConfigPoint): Promise<ReadonlyMap<string, string>> {
  const { record } = await bench.prepare(point);
  return parseFragment(record.configuration?.text ?? '');
}

/** Leaves to Kconfig what the files differ in and the two kernels do not: an option that is off in one, and not said in the other. */
function partIdle({ differences, common }: ConfigPair, goods: ReadonlyMap<string, string>, bads: ReadonlyMap<string, string>): { readonly differences: readonly Difference[]; readonly along: string } {
  const isIdle = ({ option }: Difference): boolean => (goods.get(option) ?? 'n') === (bads.get(option) ?? 'n');
  const idle = differences.filter(isIdle).map(({ option, good, bad }) => settingLine(option, good ?? bad));
  return { differences: differences.filter((one) => !isIdle(one)), along: [common, ...idle].join('\n') };
}

/** Says which of the options that both configurations set did not come out: what is tested is a kernel without them. */
function tellRefused(ctx: Context, got: ReadonlyMap<string, string>, common: string): void {
  const refused = [...parseFragment(common)].filter(([option, value]) => (got.get(option) ?? 'n') !== value).map(([option]) => option);
  if (refused.length === 0) return;
  const text = `${count(refused.length, 'option')} that both configurations set did not come out so: ${refused.slice(0, 5).join(', ')}${refused.length > 5 ? ', …' : ''}`;
  ctx.progress({ type: 'notice', level: 'warning', text });
}
