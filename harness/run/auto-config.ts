import { join } from 'node:path';
import type { Context } from '../context.js';
import { and, describeCondition, holds, openPart, type Condition, type Values } from '../kernel/condition.js';
import { buildRoom } from '../kernel/build.js';
import { kindOfFile } from '../kernel/code-paths.js';
import { enable, type Entries } from '../kernel/enable.js';
import { parseFragment } from '../kernel/fragment.js';
import { configureKernel, type Fragment } from '../kernel/kconfig.js';
import { readKconfig } from '../kernel/kconfig-entries.js';
import { openNeeds } from '../kernel/needs.js';
import type { Configuration, TouchedFile } from '../model.js';
import { popSeries, pushSeries } from '../series/push.js';
import { withScratch } from '../series/scratch.js';
import { autoFragment } from './auto-fragment.js';
import { authorOf } from './build-folder.js';
import { codeOf, diskReader } from './coverage.js';
import type { AutoConfig, SideRequest } from './side.js';

/** A trial may show that an option needs more. */
const MOST_ROUNDS = 3;

type Shared = Omit<SideRequest, 'what'>;

/** What is tried in one round: the settings on top of what was asked for. */
interface Round {
  readonly configuration: Configuration;
  readonly values: Values;
}

function valuesOf({ text }: Configuration): Values {
  const values = parseFragment(text);
  return (name) => values.get(`CONFIG_${name}`);
}

/** Tries a configuration in a folder of its own; undefined when Kconfig refuses, or takes less of what was asked for. */
async function trial(ctx: Context, request: Shared, touched: readonly TouchedFile[], fragments: readonly Fragment[], objects: string): Promise<Round | undefined> {
  const { tree, environment, profile, lock } = request;
  const { sandbox, toolchain, hasCcache, limits, jobs } = environment;
  const configuration = await configureKernel(ctx, {
    ...{ tree, objects, fragments, toolchain, touched, holds: [lock.fd], author: authorOf(request), limits, jobs },
    room: buildRoom({ sandbox, tree, slot: { objects }, ccache: undefined }),
    settings: { hasCcache, variables: profile.makeVariables },
  });
  return 'kind' in configuration || configuration.misses.length > 0 ? undefined : { configuration, values: valuesOf(configuration) };
}

interface Wanted {
  readonly path: string;
  readonly condition: Condition;
}

async function wantedOf(ctx: Context, request: Shared, values: Values): Promise<{ readonly wanted: readonly Wanted[]; readonly failed: AutoConfig['failed'] }> {
  const needs = openNeeds(diskReader(ctx, request.tree));
  const wanted: Wanted[] = [];
  const failed: { readonly path: string; readonly why: string }[] = [];
  for (const path of codeOf(request.series)) {
    const kind = kindOfFile(path);
    if (kind === 'other-arch') failed.push({ path, why: 'it is for another architecture than x86-64' });
    if (kind !== 'source') continue;
    const needed = await needs.of(path);
    if (needed.kind === 'unknown') failed.push({ path, why: needed.text });
    else if (holds(needed.condition, values) !== true) wanted.push({ path, condition: needed.condition });
  }
  return { wanted, failed };
}

/** One round more of settings, from what a trial gave. */
function settle(entries: Entries, values: Values, wanted: readonly Wanted[], settings: Map<string, string>): AutoConfig['failed'] {
  const failed: { readonly path: string; readonly why: string }[] = [];
  for (const { path, condition } of wanted) {
    const now: Values = (name) => settings.get(`CONFIG_${name}`) ?? values(name);
    const found = enable(entries, now, condition);
    if (found.kind === 'impossible') failed.push({ path, why: found.text });
    else for (const [name, value] of found.settings) settings.set(`CONFIG_${name}`, value);
  }
  return failed;
}

async function search(ctx: Context, request: Shared, touched: readonly TouchedFile[], fragments: readonly Fragment[], objects: string): Promise<AutoConfig> {
  const nothing: AutoConfig = { settings: {}, failed: [] };
  const first = await trial(ctx, request, touched, fragments, objects);
  // What is wrong with the configuration itself is found again, and told, when the side is built.
  if (!first) return nothing;
  const { wanted, failed: unknown } = await wantedOf(ctx, request, first.values);
  if (wanted.length === 0) return { ...nothing, failed: unknown };
  const entries = await readKconfig(diskReader(ctx, request.tree).read);
  const settings = new Map<string, string>();
  let { values } = first;
  let failed: AutoConfig['failed'] = [];
  let open = wanted;
  for (let round = 0; round < MOST_ROUNDS && open.length > 0; round += 1) {
    failed = settle(entries, values, open, settings);
    const next = await trial(ctx, request, touched, [...fragments, autoFragment(Object.fromEntries(settings))], objects);
    if (!next) return { settings: {}, failed: [...unknown, ...wanted.map(({ path }) => ({ path, why: 'what it needs does not go with what was asked for' }))] };
    ({ values } = next);
    open = open.filter(({ condition }) => holds(condition, values) !== true && !isUnknown(condition, values));
  }
  // What Kconfig did not take is of no use, and would be told as missing.
  const taken = [...settings].filter(([name, value]) => (values(name.slice('CONFIG_'.length)) ?? 'n') === value);
  const known = new Map(failed.map(({ path, why }) => [path, why]));
  return {
    settings: Object.fromEntries(taken),
    failed: [...unknown, ...open.map(({ path, condition }) => ({ path, why: known.get(path) ?? `it still lacks ${describeCondition(and(openPart(condition, values)))}` }))],
  };
}

function isUnknown(condition: Condition, values: Values): boolean {
  return holds(condition, values) === undefined;
}

/**
 * What to add to a configuration so that the code that a series touches is compiled, tried with the tree's own Kconfig with
 * the series on it. The tree is its base before and after; the caller holds its lock.
 * @param fragments what was asked for, which is never given up
 */
export async function findAutoConfig(ctx: Context, request: Shared, fragments: readonly Fragment[]): Promise<AutoConfig> {
  const { tree, series } = request;
  const pushed = await pushSeries(ctx, tree, series);
  if (pushed.kind === 'rejected') return { settings: {}, failed: [] };
  try {
    return await withScratch(ctx, 'auto', async (scratch) => {
      const objects = join(scratch, 'objects');
      await ctx.effects.files.mkdir(objects);
      return search(ctx, request, pushed.touched, fragments, objects);
    });
  } finally {
    await popSeries(ctx, tree);
  }
}
