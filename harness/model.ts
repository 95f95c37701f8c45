/**
 * The values that pass between the stages. All of them are readonly and can be written as JSON.
 * Digests are lower-case hexadecimal SHA-256 unless a comment says otherwise; durations are milliseconds.
 */

import type { Judge } from './model-suite.js';

// ---- the request ----

/** A kernel as the user names it with `--kernel`. */
export type KernelSpec =
  /** `6.12`: the newest 6.12.y that can be had. */
  | { readonly kind: 'line'; readonly line: string }
  /** `v6.12.9` or `6.12.9`: exactly this release. */
  | { readonly kind: 'release'; readonly version: string }
  /** `debian:6.12`, `ubuntu:6.8`: the distribution's `linux-source-6.12` package. */
  | { readonly kind: 'distribution'; readonly distribution: 'debian' | 'ubuntu'; readonly line: string }
  /** `tar:PATH-or-URL` */
  | { readonly kind: 'tarball'; readonly location: string }
  /** `dir:PATH`: a directory that is mirrored, never written to. */
  | { readonly kind: 'directory'; readonly path: string }
  /** `git:PATH-or-URL#REF` */
  | { readonly kind: 'git'; readonly location: string; readonly ref: string };

export type AcceleratorChoice = 'auto' | 'kvm' | 'tcg';
export type SandboxChoice = 'auto' | 'required' | 'off';

// ---- kernel source and tree ----

/** One check of where a source comes from, made or not made. */
export interface SourceCheck {
  readonly name: string;
  readonly made: boolean;
  /** What was checked against what, or why it was not. */
  readonly detail: string;
}

/** Where a kernel came from and what it is. */
export interface SourceIdentity {
  /** A key of the provider table. */
  readonly provider: string;
  /** As the top-level Makefile would say it without EXTRAVERSION of the user: `6.12.117`. */
  readonly version: string;
  /** For people: `debian 6.12.117-1~deb12u1`, `kernel.org v6.12.9`, `git linux@abc1234`. */
  readonly label: string;
  /** Of the tarball; for a git source the tree object's id; for a directory the digest of its listing. */
  readonly digest: string;
  readonly checks: readonly SourceCheck[];
}

/** A source that is on this disk, ready to become a tree. */
export interface KernelSource extends SourceIdentity {
  readonly content:
    | { readonly kind: 'archive'; readonly path: string }
    | { readonly kind: 'directory'; readonly path: string }
    | { readonly kind: 'git'; readonly gitDir: string; readonly commit: string };
}

/** An unpacked kernel in the cache, which series are pushed on and popped from. */
export interface KernelTree {
  /** The folder in the cache that holds everything of this tree. */
  readonly home: string;
  /** The sources: `home/src`. */
  readonly src: string;
  readonly source: SourceIdentity;
}

// ---- series ----

export interface PatchedFile {
  /** Path in the tree before the patch; undefined for a new file. */
  readonly from: string | undefined;
  /** Path in the tree after it; undefined for a deleted file. */
  readonly to: string | undefined;
}

export interface Patch {
  /** From 1, in the order of application; 0 for a prerequisite, which belongs to the base. */
  readonly number: number;
  readonly subject: string;
  readonly author: string | undefined;
  /** The commit message below the subject, up to the `---` line; trailers included. */
  readonly message: string;
  /** Without <>. */
  readonly messageId: string | undefined;
  /** Where it was read, for messages: a path, or `series.mbox message 3`. */
  readonly origin: string;
  /** Of `diff`. */
  readonly digest: string;
  /** The diff alone, from its first `diff --git` line (or `---`) to its end. */
  readonly diff: string;
  /** Set when `diff` is not UTF-8: then it holds one byte to a character. */
  readonly diffEncoding?: 'latin1' | undefined;
  readonly files: readonly PatchedFile[];
}

/** From which patch on a test passes: before it, it does not. */
export type Promises = Readonly<Record<string, number>>;

/** The mail that introduced a series: its cover letter, else its first patch. Addresses are `Name <address>` or the address alone. */
export interface SeriesLetter {
  /** Without <>. */
  readonly messageId: string;
  readonly subject: string;
  readonly date: string | undefined;
  readonly from: string | undefined;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  /** What it answers itself, the oldest first. */
  readonly references: readonly string[];
}

/** What a series says about where it applies (git format-patch --base). */
export interface SeriesStated {
  readonly baseCommit: string | undefined;
  readonly prerequisitePatchIds: readonly string[];
}

export interface Series {
  readonly name: string;
  readonly title: string;
  /** Where it was read: an absolute path, or `shipped:semundo-v1/6.12`. It names the build folder that its tips share. */
  readonly origin: string;
  /** Of the digests of its patches in order, and of its promises. */
  readonly digest: string;
  /** Patches that are applied first and belong to its base. */
  readonly prerequisites: readonly Patch[];
  readonly patches: readonly Patch[];
  readonly promises: Promises;
  /** The suites that judge it when the user names none. */
  readonly suites: readonly string[];
  readonly stated: SeriesStated;
  /** What was picked and how, a sentence each: for the report. */
  readonly notes: readonly string[];
  /** Trailers that replies gave, with the patch number they are for (0: all). */
  readonly trailers: readonly { readonly patch: number; readonly text: string }[];
  /** One for each of its postings; none for a series that was not read from mail. */
  readonly letters: readonly SeriesLetter[];
}

/** A patch that the tree does not take. */
export interface PatchRejected {
  /** 0 for a prerequisite. */
  readonly patch: number;
  readonly subject: string;
  readonly rejections: readonly Rejection[];
  /** What explains it, the likeliest first; empty when nothing that was tried does, undefined when nothing was tried. */
  readonly causes?: readonly RejectionCause[] | undefined;
}

/** Why a patch does not apply, each found by trying. */
export interface RejectionCause {
  readonly kind:
    /** The tree has it: its reverse applies. */
    | 'contained'
    | 'partly-contained'
    /** It applies when white space does not count. */
    | 'whitespace'
    /** It applies behind another patch of the series, or without one that is before it. */
    | 'order'
    /** A patch that the series says it needs is not in the tree. */
    | 'prerequisite'
    /** Its file is elsewhere in the tree, and takes it there. */
    | 'moved'
    /** Its paths have a folder too many or too few. */
    | 'strip-level'
    /** It applies to another kernel. */
    | 'other-base'
    /** A three-way merge takes it. */
    | 'three-way'
    /** It applies with less context than it has. */
    | 'fuzz';
  /** In one line. */
  readonly text: string;
  /** What to do about it. */
  readonly hint: string;
  /** Of `contained`: the numbers of the patches that the tree has, from the rejected one on. */
  readonly patches?: readonly number[] | undefined;
}

export interface Rejection {
  readonly file: string;
  /** The `@@ … @@` line of the hunk that failed; undefined when the file as a whole is at fault. */
  readonly hunk: string | undefined;
  /** What went wrong in one line: `the hunk does not match`, `the file does not exist`, `the file exists already`. */
  readonly problem: string;
  /** The lines that the patch expects there, and what the tree has, without `+` and `-`; empty when not about lines. */
  readonly expected: readonly string[];
  readonly found: readonly string[];
  /** The line of the tree's file that `found` starts at, from 1. */
  readonly line: number | undefined;
}

/** One file of the tree as a pushed series left it. */
export interface TouchedFile {
  /** Relative to the tree. */
  readonly path: string;
  /** Digest of what it was in the base; undefined when it was not there. */
  readonly base: string | undefined;
  /** Digest of what it is now; undefined when the series deletes it. */
  readonly now: string | undefined;
}

/**
 * A file as make last saw it from one build folder. make goes by times: a build folder in which several tips are built
 * one after the other needs a new time on every file whose content is another than at its last build, also where that is
 * the base's content again, and the time of then on every other.
 */
export interface SeenFile {
  /** Relative to the tree. */
  readonly path: string;
  /** Undefined when it was not there. */
  readonly digest?: string | undefined;
  readonly mtimeMs?: number | undefined;
}

/** Which patch a line of the tree came from, for files that the series touches. */
export interface AddedLines {
  readonly path: string;
  /** Index is the line number from 1 (index 0 unused); the value is the patch number, or 0 for a line of the base. */
  readonly patchOfLine: readonly number[];
}

// ---- configuration and build ----

/** A requested option that the merged configuration does not have. */
export interface ConfigMiss {
  readonly option: string;
  readonly wanted: string;
  readonly got: string;
  /** The `depends on` expressions of its Kconfig entries; empty when the tree has no such option. */
  readonly dependsOn: readonly string[];
}

export interface Configuration {
  /** The whole `.config`. */
  readonly text: string;
  readonly digest: string;
  readonly misses: readonly ConfigMiss[];
}

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Relative to the tree where it is in the tree. */
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly message: string;
  /** The gcc option, without brackets: `-Wunused-variable`. */
  readonly option?: string | undefined;
  /** The patch that added this line; undefined when the series did not. */
  readonly patch?: number | undefined;
}

/** What made a binary: part of every cache key. */
export interface Toolchain {
  /** First line of `gcc --version`. */
  readonly compiler: string;
  readonly linker: string;
  readonly make: string;
  readonly digest: string;
}

export interface KernelImage {
  /** Path of `vmlinux` in the cache, named by its digest. */
  readonly path: string;
  readonly digest: string;
  readonly bytes: number;
}

export type BuildOutcome =
  | {
      readonly kind: 'built';
      readonly image: KernelImage;
      readonly diagnostics: readonly Diagnostic[];
      /** Objects compiled this time; 0 when make had nothing to do. */
      readonly objects: number;
      readonly ms: number;
      readonly reused: boolean;
      readonly argv: readonly string[];
      readonly log: string;
    }
  | BuildFailed;

export interface BuildFailed {
  readonly kind: 'build-failed';
  readonly diagnostics: readonly Diagnostic[];
  /** The last lines make printed. */
  readonly tail: readonly string[];
  readonly ms: number;
  readonly argv: readonly string[];
  readonly log: string;
}

/** A file that a series touches and that is not part of the kernel that was built. */
export interface UnbuiltFile {
  readonly path: string;
  /** What it needs, in words: `CONFIG_NET and CONFIG_IPV6`, `not for x86-64`, or that it cannot be told. */
  readonly needs: string;
}

/** Which of the code that a series touches was compiled into its kernel. */
export interface Coverage {
  readonly compiled: readonly string[];
  readonly unbuilt: readonly UnbuiltFile[];
}

// ---- suites ----

export type * from './model-suite.js';

// ---- guest ----

/** A test program in the guest, ready to run. */
export interface GuestProgram {
  readonly name: string;
  /** Path in the guest. */
  readonly path: string;
  readonly timeoutMs: number;
  readonly judge: Judge;
  readonly tests: readonly string[];
  /** Added to its environment: `NAME=VALUE`. */
  readonly env: readonly string[];
  /** After the path. */
  readonly args?: readonly string[] | undefined;
  /** The folder in the guest that it runs in; undefined for an empty one. */
  readonly cwd?: string | undefined;
}

/** A program that the guest does not have, and what that makes of its tests. */
export interface LeftOut {
  readonly program: GuestProgram;
  readonly status: 'missing' | 'skip' | 'fail';
  readonly reason: string;
}

export interface GuestImage {
  /** Path of the initramfs on the host, named by its digest. */
  readonly path: string;
  readonly digest: string;
  readonly programs: readonly GuestProgram[];
  /** What the suite asks for and cannot run: a selftest that a later patch adds, a script for another shell. */
  readonly leftOut: readonly LeftOut[];
}

/** How one program ended, as the result stream tells it. */
export interface ProgramRun {
  readonly name: string;
  readonly end:
    | { readonly kind: 'exit'; readonly code: number }
    | { readonly kind: 'signal'; readonly signal: number }
    | { readonly kind: 'timeout' }
    /** Its frame began and never ended. */
    | { readonly kind: 'cut' };
  /** Its output, line by line; bytes that are not UTF-8 are replaced. */
  readonly output: readonly string[];
  /** Output was longer than the guest keeps. */
  readonly truncated: boolean;
  /** A process of it did not die of SIGKILL: it sleeps uninterruptibly in the kernel. */
  readonly unkillable: boolean;
  readonly ms: number;
}

/** How a boot ended, from what was seen: QEMU's exit code alone proves nothing. */
export type BootEnd =
  /** The last frame came and its count is right. */
  | { readonly kind: 'complete' }
  /** QEMU failed before the last frame, without a panic on the console. */
  | { readonly kind: 'stopped'; readonly detail: string }
  /** The guest reset its machine before the last frame, without a panic on the console: a triple fault, or a reboot. */
  | { readonly kind: 'reset'; readonly phase: 'boot' | 'tests' }
  | { readonly kind: 'panic'; readonly detail: string }
  /** No byte on either console for the limit. */
  | { readonly kind: 'silent'; readonly afterMs: number; readonly phase: 'boot' | 'tests' }
  /** The limit for boot or for the whole run passed while it went on printing. */
  | { readonly kind: 'overtime'; readonly afterMs: number; readonly phase: 'boot' | 'tests' }
  /** The console printed more than it may. */
  | { readonly kind: 'flood'; readonly bytes: number }
  /** The result stream broke its own rules. */
  | { readonly kind: 'corrupt'; readonly detail: string };

/** Everything one boot gave. */
export interface Transcript {
  readonly end: BootEnd;
  /** The guest's init was reached. */
  readonly initReached: boolean;
  readonly programs: readonly ProgramRun[];
  /** ttyS0, whole and raw up to the cap, as latin-1 text so that every byte is kept. */
  readonly console: string;
  /** From start of QEMU to the runner. */
  readonly bootMs: number | undefined;
  /** The same without what the host kept from the guest; undefined for a boot that was remembered. */
  readonly guestBootMs: number | undefined;
  readonly totalMs: number;
  /** What the host kept from the guest, in ms: altogether, and the longest time in which the guest had next to nothing. */
  readonly lost: { readonly ms: number; readonly longestMs: number };
}

// ---- results ----

export type TestStatus = 'pass' | 'fail' | 'skip' | 'crash' | 'timeout' | 'missing';

export interface TestResult {
  readonly name: string;
  readonly program: string;
  readonly status: TestStatus;
  /** Why, in one line; empty for a pass. */
  readonly reason: string;
  /** The diagnostics that the test printed with this result. */
  readonly lines: readonly string[];
}

/** A report of the kernel about itself, found on its console. */
export interface Finding {
  /** A key of the pattern table, such as `kasan`, `lockdep`, `panic`. */
  readonly class: string;
  readonly title: string;
  readonly function: string | undefined;
  /** The same for the same fault at other addresses, offsets, CPUs, pids and times. */
  readonly fingerprint: string;
  /** The cut of the console, without time stamps. */
  readonly lines: readonly string[];
  /** First line of the cut on the console, from 1. */
  readonly line: number;
  /** Parts of the report are missing or lines of others are in it: its function and its stack may not be its own. */
  readonly corrupt?: boolean | undefined;
  /** Where its lines lead to in the sources, as far as that can be told for sure. */
  readonly places?: readonly FindingPlace[] | undefined;
}

/** The line of the sources that a line of a finding names. */
export interface FindingPlace {
  /** Into `Finding.lines`. */
  readonly index: number;
  /** Relative to the top of the tree. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The patch that added the line; undefined for one of the base. */
  readonly patch?: number | undefined;
}

/** What a build and its boot said: one side of the comparison. */
export type SideOutcome =
  | {
      readonly kind: 'ran';
      readonly end: BootEnd;
      readonly results: readonly TestResult[];
      readonly findings: readonly Finding[];
    }
  | { readonly kind: 'rejected'; readonly rejected: PatchRejected }
  | { readonly kind: 'config-failed'; readonly misses: readonly ConfigMiss[]; readonly detail: string }
  | { readonly kind: 'build-failed'; readonly what: string; readonly diagnostics: readonly Diagnostic[]; readonly tail: readonly string[] };

// ---- verdict ----

export type VerdictName = 'good' | 'bad' | 'untestable';

export type Change = 'same' | 'fixed' | 'regressed' | 'new' | 'gone';

export interface TestComparison {
  readonly name: string;
  readonly base: TestStatus | undefined;
  readonly tip: TestStatus | undefined;
  readonly change: Change;
  /** From which patch it was promised to pass; undefined without a promise. */
  readonly promised: number | undefined;
  readonly reason: string;
}

export interface Reason {
  /** Stable: `test.regressed`, `finding.new`, `promise.broken`, `build.failed`, … */
  readonly code: string;
  readonly text: string;
}

export interface Verdict {
  readonly verdict: VerdictName;
  readonly exitCode: 0 | 1 | 125;
  readonly reasons: readonly Reason[];
  readonly tests: readonly TestComparison[];
  /** On the tip and not on the base. */
  readonly newFindings: readonly Finding[];
  /** On both. */
  readonly knownFindings: readonly Finding[];
  /** On the base alone. */
  readonly goneFindings: readonly Finding[];
  /** Expectations that were not met. */
  readonly notes: readonly string[];
}

/** One thing that a run and its repetition have, and whether it is the same. */
export interface RerunItem {
  readonly what: string;
  readonly then: string;
  readonly now: string;
  readonly same: boolean;
  /** Tools of the machine decide nothing: they explain what differs. */
  readonly decides: boolean;
  /** What differs in detail. */
  readonly details: readonly string[];
}
