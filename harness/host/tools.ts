import { join } from 'node:path';
import type { Context } from '../context.js';

/** Something of the host that a run uses. */
export interface Tool {
  readonly name: string;
  /** How it is found: a program in PATH, or a file at one of these places. */
  readonly find: { readonly program: string } | { readonly files: readonly string[] };
  /** The Debian and Ubuntu package that has it. */
  readonly package: string;
  readonly purpose: string;
  /** Without it nothing runs; the others make a run faster or safer. */
  readonly required: boolean;
  /** What makes the program print its version. */
  readonly versionArgs: readonly string[];
}

const VERSION = ['--version'] as const;

function program(name: string, debian: string, purpose: string, options: Partial<Pick<Tool, 'required' | 'versionArgs'>> = {}): Tool {
  return { name, find: { program: name }, package: debian, purpose, required: true, versionArgs: VERSION, ...options };
}

function file(name: string, files: readonly string[], debian: string, purpose: string): Tool {
  return { name, find: { files }, package: debian, purpose, required: true, versionArgs: [] };
}

function optionalFile(...args: Parameters<typeof file>): Tool {
  return { ...file(...args), required: false };
}

/** Everything that a run uses beside Node. A new one is one line here. */
export const TOOLS: readonly Tool[] = [
  program('gcc', 'gcc', 'compiles the kernel and the probes'),
  file('libc.a', ['/usr/lib/x86_64-linux-gnu/libc.a', '/usr/lib/libc.a', '/usr/lib64/libc.a'], 'libc6-dev', 'static probes for the guest'),
  program('ld', 'binutils', 'links the kernel'),
  program('make', 'make', 'builds the kernel'),
  program('flex', 'flex', 'Kconfig parser'),
  program('bison', 'bison', 'Kconfig parser'),
  program('bc', 'bc', 'timer constants of the kernel'),
  program('perl', 'perl', 'scripts of the kernel tree'),
  file('gelf.h', ['/usr/include/gelf.h', '/usr/include/libelf/gelf.h'], 'libelf-dev', 'objtool'),
  program('git', 'git', 'applies patches, reads mail'),
  program('xz', 'xz-utils', 'unpacks kernel sources'),
  program('tar', 'tar', 'unpacks kernel sources'),
  program('flock', 'util-linux', 'locks between runs'),
  program('busybox', 'busybox-static', "the guest's user space", { versionArgs: ['--help'] }),
  program('qemu-system-x86_64', 'qemu-system-x86', 'boots the kernel'),
  optionalFile('libc.a of 32 bits', ['/usr/lib32/libc.a', '/usr/lib/i386-linux-gnu/libc.a'], 'gcc-multilib', '32-bit probes, of profile compat'),
  program('gpg', 'gnupg', 'checks the signature of sources from kernel.org', { required: false }),
  program('bzip2', 'bzip2', 'unpacks tar: sources in this format', { required: false }),
  program('zstd', 'zstd', 'unpacks tar: sources in this format', { required: false }),
  program('bwrap', 'bubblewrap', 'holds builds in a sandbox', { required: false }),
  program('ccache', 'ccache', 'makes builds from nothing quick', { required: false }),
  program('python3', 'python3', 'compares kernels symbol by symbol (respin compare)', { required: false }),
];

export interface FoundTool {
  readonly tool: Tool;
  /** Undefined when it is not there. */
  readonly path: string | undefined;
}

async function accessible(ctx: Pick<Context, 'effects'>, path: string): Promise<boolean> {
  try {
    await ctx.effects.files.access(path);
    return true;
  } catch {
    return false;
  }
}

function candidates(tool: Tool, searchPath: string): readonly string[] {
  const { find } = tool;
  return 'files' in find ? find.files : searchPath.split(':').filter(Boolean).map((folder) => join(folder, find.program));
}

/** Looks for tools, those of the table when none are named, without running any. */
export async function findTools(ctx: Pick<Context, 'effects'>, tools: readonly Tool[] = TOOLS): Promise<readonly FoundTool[]> {
  const searchPath = ctx.effects.env['PATH'] ?? '';
  return Promise.all(
    tools.map(async (tool) => {
      for (const path of candidates(tool, searchPath)) if (await accessible(ctx, path)) return { tool, path };
      return { tool, path: undefined };
    }),
  );
}

/** The first line of what a tool says of its version; undefined for a file, or when it says nothing. */
export async function versionOf(ctx: Pick<Context, 'effects'>, { tool, path }: FoundTool): Promise<string | undefined> {
  if (path === undefined || tool.versionArgs.length === 0) return undefined;
  const done = await ctx.effects.processes.run({ file: path, args: tool.versionArgs, timeoutMs: 20_000 });
  return `${done.stdout}\n${done.stderr}`
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '');
}
