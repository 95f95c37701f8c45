import type { Context } from '../context.js';
import { usageError } from '../errors.js';
import { hasProgram, hasTarget, kselftestFragments, listTarget, listTargets, type TargetFragment } from '../guest/kselftest.js';
import { parseFragment } from '../kernel/fragment.js';
import type { Fragment } from '../kernel/kconfig.js';
import { choices } from '../spec/nearest.js';
import type { Plan } from './plan.js';

/** Something that the request names and that a tree has or has not. */
interface Named {
  /** For a message: `selftest target ipc`. */
  readonly what: string;
  readonly name: string;
  readonly isThere: boolean;
  /** What there is instead. */
  readonly known: readonly string[];
}

/** What the request asks of a tree, and what the tree says to it. */
export interface TreeWishes {
  readonly named: readonly Named[];
  /** The `config` of the selftests. */
  readonly fragments: readonly Fragment[];
}

async function namedSelftests(ctx: Context, src: string, { suite, environment }: Plan): Promise<readonly Named[]> {
  const wanted = suite.programs.flatMap(({ from }) => (from.kind === 'kselftest' ? [from] : []));
  const found = wanted.map(async ({ target, program }): Promise<Named> => {
    if (!(await hasTarget(ctx, src, target))) {
      return { what: 'target of selftests', name: target, isThere: false, known: await listTargets(ctx, src) };
    }
    if (program === undefined || (await hasProgram(ctx, src, target, program))) return { what: 'selftest', name: target, isThere: true, known: [] };
    const tools = { sandbox: environment.sandbox, limits: environment.limits, compiler: environment.toolchain.digest };
    const { programs, scripts } = await listTarget(ctx, tools, src, target);
    const known = [...programs, ...scripts];
    return { what: `program of the selftests ${target}`, name: program, isThere: known.includes(program), known };
  });
  return Promise.all(found);
}

/** The options of `--config` that are to be switched on: one that no Kconfig file has is a mistake. */
async function namedOptions(ctx: Context, src: string, { fragments }: Plan): Promise<readonly Named[]> {
  const options = [...parseFragment(fragments.map(({ text }) => text).join('\n'))].flatMap(([name, value]) => (value === 'n' ? [] : [name]));
  if (options.length === 0) return [];
  const names = options.map((option) => option.slice('CONFIG_'.length));
  const grep = await ctx.effects.processes.run({
    file: 'grep',
    args: ['-rhE', '--include=Kconfig*', `^[[:space:]]*(menu)?config[[:space:]]+(${names.join('|')})[[:space:]]*$`, src],
  });
  const there = new Set(grep.stdout.split('\n').map((line) => line.trim().split(/\s+/)[1]));
  return options.map((option) => ({ what: 'option', name: option, isThere: there.has(option.slice('CONFIG_'.length)), known: [] }));
}

/** Looks at a tree as it is now. */
export async function readTreeWishes(ctx: Context, src: string, plan: Plan): Promise<TreeWishes> {
  const [selftests, options, fragments] = await Promise.all([
    namedSelftests(ctx, src, plan),
    namedOptions(ctx, src, plan),
    kselftestFragments(ctx, src, plan.suite.programs),
  ]);
  // What an old selftest asks for and no kernel has any more cannot be had; its tests will say what they miss.
  return { named: [...selftests, ...options], fragments: fragments.map((fragment: TargetFragment) => ({ ...fragment, optional: true })) };
}

/** What either tree has, and the fragments of both; of one that both have, that of the later tree. */
export function mergeWishes(base: TreeWishes, tip: TreeWishes): TreeWishes {
  const names = new Set(tip.fragments.map(({ name }) => name));
  const named = tip.named.map((ofTip, index) => (ofTip.isThere ? ofTip : (base.named.find((ofBase, at) => at === index && ofBase.isThere) ?? ofTip)));
  return { named, fragments: [...base.fragments.filter(({ name }) => !names.has(name)), ...tip.fragments] };
}

/**
 * Refuses what neither the base has nor the series brings.
 * @throws HarnessError `usage` `kselftest.unknown`, `config.unknown`
 */
export function refuseUnknown(base: TreeWishes, tip: TreeWishes): void {
  for (const [index, ofTip] of tip.named.entries()) {
    if (ofTip.isThere || base.named[index]?.isThere === true) continue;
    const { what, name, known } = ofTip;
    if (what === 'option') {
      throw usageError('config.unknown', `no Kconfig file of this kernel has the option ${name}, and the series does not bring it`, {
        hint: 'is it spelt right? in another version it may have had another name',
      });
    }
    throw usageError('kselftest.unknown', `this kernel has no ${what} "${name}", and the series does not bring it`, {
      hint: known.length === 0 ? 'tools/testing/selftests of the tree has what there is' : choices(name, known),
    });
  }
}
