import { stringify } from 'yaml';

/** What `respin init` found in a folder. */
export interface Surroundings {
  /** As `--kernel` takes it. */
  readonly kernel: string;
  /** Undefined when nothing there looks like one. */
  readonly series: string | undefined;
  /** Targets of selftests that the series touches. */
  readonly kselftests: readonly string[];
  /** What was seen, for a comment. */
  readonly seen: string;
}

/** A scalar as YAML writes it, in quotes where it needs them. */
function scalar(text: string): string {
  return stringify(text, { lineWidth: 0 }).trimEnd();
}

/** The text of a respin.yaml: what is known as keys, the rest as comments. */
export function renderRequestFile({ kernel, series, kselftests, seen }: Surroundings): string {
  const targets = kselftests.map(scalar).join(', ');
  return `# What "respin run" and "respin walk" do here, or in a folder below. Options on the command line win.
# ${seen.replace(/[^\x20-\x7e]/g, '?')}

# What the series is put on: 6.12, v6.12.9, debian:6.12, tar:PATH-or-URL, dir:PATH, git:PATH-or-URL#REF.
# Paths in this file are relative to it. No tree is written to.
kernel: ${scalar(kernel)}

# One series or several, in the order of application: git:PATH#BASE..TIP, a folder of patches, an mbox.
${series === undefined ? '# series: outgoing' : `series: ${scalar(series)}`}

# Selftests of the kernel tree: a target, or one program of it (TARGET:PROGRAM).
${targets === '' ? '# kselftests: [ipc, timers:nanosleep]' : `kselftests: [${targets}]`}

# Tests of your own: C files, static programs, scripts for sh, or folders of these.
# tests: [tests/reproducer.c, tests/more]

# Suite files, or suites that ship with respin ("respin suites").
# suites: [tests/mine.yaml]

# Each profile is a run of its own: plain, smp, lockdep, kasan, kmemleak, compat.
profiles: [plain]

# Added to the configuration of every kernel: files, and lines.
# config: [CONFIG_NET=y, tests/more.config]

# The machine, where the profile's will not do.
# memory: 512M
# cpus: 2
# append: slub_debug=FZP

# How often each kernel is booted: a test that does not come out the same is unstable.
# repeat: 3
`;
}
