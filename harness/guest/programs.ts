import { basename, dirname, join } from 'node:path';
import type { Context } from '../context.js';
import { hostError } from '../errors.js';
import { packageRoot } from '../host/package-root.js';
import { compile, ROOM, type CompiledProgram, type CompileTools, type ProgramFailed, type Recipe } from './compile.js';
import { FLAGS } from './recipes.js';

/**
 * The runner of the guest, which is respin's own and does not come from the tree.
 * @throws HarnessError `host` `runner.compile` when the compiler refuses it, which is no fault of a series
 */
export async function compileRunner(ctx: Context, tools: CompileTools): Promise<CompiledProgram> {
  const source = join(packageRoot(), 'rootfs', 'guest', 'runner.c');
  const recipe: Recipe = {
    name: 'runner',
    product: 'runner',
    folder: dirname(source),
    inputs: [],
    mounts: [{ host: dirname(source), at: ROOM.source, access: 'read' }],
    command: (room, out) => ({
      file: 'gcc',
      args: [...FLAGS, '-Werror', '-MF', `${out}/runner.d`, '-o', `${out}/runner`, room.path(source)],
    }),
  };
  return orHostError(await compile(ctx, tools, recipe), "respin's own guest runner");
}

/**
 * The kernel's program that writes initramfs archives, from the tree. It is run in the sandbox too.
 * @throws HarnessError `host` `runner.compile` when the compiler refuses it
 */
export async function compileGenInitCpio(ctx: Context, tools: CompileTools, tree: string): Promise<CompiledProgram> {
  const source = join(tree, 'usr', 'gen_init_cpio.c');
  const product = basename(source, '.c');
  const recipe: Recipe = {
    name: product,
    product,
    folder: dirname(source),
    inputs: [],
    mounts: [{ host: dirname(source), at: ROOM.source, access: 'read' }],
    command: (room, out) => ({
      file: 'gcc',
      args: ['-O2', '-MD', '-MF', `${out}/${product}.d`, '-o', `${out}/${product}`, room.path(source)],
    }),
  };
  return orHostError(await compile(ctx, tools, recipe), 'usr/gen_init_cpio.c of the tree');
}

function orHostError(made: CompiledProgram | ProgramFailed, what: string): CompiledProgram {
  if (!('kind' in made)) return made;
  throw hostError('runner.compile', `${what} does not compile: ${made.output.at(-1) ?? 'gcc says nothing'}`, {
    output: made.output.join('\n'),
    hint: 'a static C library is needed: apt-get install gcc libc6-dev',
  });
}
