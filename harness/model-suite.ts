/** The values that say what is tested, and how: the part of the model that a suite file and the command line fill. */

/**
 * How a program is judged: by its exit status, by the KTAP or TAP that it prints, or (`auto`) by KTAP where it prints a
 * document of it and by exit status elsewhere.
 */
export type Judge = 'exit' | 'ktap' | 'auto';

/** Where a test program comes from. Paths are absolute, of the host. */
export type ProgramOrigin =
  /** A C file. */
  | { readonly kind: 'source'; readonly path: string }
  /** A static ELF program. */
  | { readonly kind: 'static'; readonly path: string }
  /** A script for busybox sh. */
  | { readonly kind: 'script'; readonly path: string }
  /** A program of a kselftest target of the tree, or without one all that the target's Makefile lists. */
  | { readonly kind: 'kselftest'; readonly target: string; readonly program?: string | undefined };

/** A file for a test program. */
export interface ProgramFile {
  /** On the host. */
  readonly path: string;
  /** In the guest: absolute, or relative to the folder that the program runs in. */
  readonly to: string;
}

/** What is known of a test: it is told when it comes out otherwise. */
export interface Expectation {
  readonly status: 'fail' | 'skip';
  readonly reason: string;
}

export type Expectations = Readonly<Record<string, Expectation>>;

/**
 * Reports of the kernel that a program provokes on purpose: a part of the title, or the fingerprint, with the reason.
 */
export type DeclaredFindings = Readonly<Record<string, string>>;

/** A program of a suite, as written in its file. */
export interface SuiteProgram {
  readonly name: string;
  readonly from: ProgramOrigin;
  readonly judge: Judge;
  /** Undefined for a kselftest, which has it from the `settings` of its target. */
  readonly timeoutMs: number | undefined;
  readonly args: readonly string[];
  /** Added to its environment: `NAME=VALUE`. */
  readonly env: readonly string[];
  readonly files: readonly ProgramFile[];
  /** For `ktap` and `auto`: every case that it must report; empty when any will do. */
  readonly tests: readonly string[];
  /** What a test proves, in words, as far as the suite says so. */
  readonly meanings: Readonly<Record<string, string>>;
  /** By the name of a test. */
  readonly expect: Expectations;
  readonly findings?: DeclaredFindings | undefined;
  /** What the program says of a kernel without the interface it tests: probes take it from PROBE_ABSENT (probe.h). */
  readonly absent: 'fail' | 'skip';
  /** 32 for a program of the older ABI on a 64-bit kernel. */
  readonly bits: 32 | 64;
  /** The only profiles it is for; undefined for all. */
  readonly profiles: readonly string[] | undefined;
}

/** What a suite or the command line asks of the machine beside what the profile has. */
export interface MachineWish {
  readonly memoryMiB?: number | undefined;
  readonly cpus?: number | undefined;
  /** Words for the kernel command line. */
  readonly append: readonly string[];
}

export interface Suite {
  readonly name: string;
  readonly description: string;
  /** Kconfig fragment. */
  readonly config: string;
  readonly machine: MachineWish;
  readonly programs: readonly SuiteProgram[];
}

/** Configuration and machine of a run: one entry of `profiles/`. */
export interface Profile {
  readonly name: string;
  readonly description: string;
  readonly config: string;
  /** Variables for every call of make, such as `KASAN_SANITIZE_enlighten.o=n`. */
  readonly makeVariables: readonly string[];
  readonly cpus: number;
  readonly memoryMiB: number;
  /** Additions to the kernel command line. */
  readonly append: readonly string[];
  /** Additions of the user to QEMU's arguments. */
  readonly qemuArgs?: readonly string[] | undefined;
  /** How much slower than `plain` its guest runs; limits are multiplied by it. */
  readonly slowness: number;
  /** Whether kmemleak is asked for its findings after the last test. */
  readonly leakScan: boolean;
  /** Objects a cold build compiles, roughly; for the progress display only. */
  readonly objects: number;
}
