import { Command, CommanderError, Option } from 'commander';
import { EXIT, errorExit } from './exit-codes.js';
import { respinVersion } from './host/package-root.js';
import { jsonDocument } from './json-document.js';
import { SERIES_FORMS } from './series/forms.js';

const EXIT_CODE_HELP = `
Exit codes:
  0    good        everything promised held, nothing new broke
  1    bad         the series is at fault
  2    usage       the request is wrong; nothing was run
  3    host        the host or respin failed; says nothing about the series
  125  untestable  the base cannot be built, booted or judged, or the result is not stable
`;

const FORMS_HELP = `\nForms of a series:\n${SERIES_FORMS}\n`;

const BISECT_RUN_HELP = `
As a step of git bisect run (--bisect), without a series:
  What is judged is the commit that is checked out (git:.#HEAD); --kernel dir:. takes the files as they are.
  0         good  the fault is not there, in all of --repeat boots
  1         bad   it is: the test named with --test NAME (else one of the tests asked for) fails, or --finding, --build, --boot
  125       skip  something else goes wrong, so that nothing can be told of this commit
  130, 131        a wrong request, a host that failed: git stops, and blames no commit
`;

function accelOption(): Option {
  return new Option('--accel <how>', 'how QEMU runs the guest').choices(['auto', 'kvm', 'tcg']).default('auto');
}

function sandboxOption(): Option {
  return new Option('--sandbox <when>', 'hold builds in a sandbox: auto, required, or off').choices(['auto', 'required', 'off']).default('auto');
}

/** An option that may be given several times. */
function repeatable(flags: string, description: string): Option {
  return new Option(flags, `${description} (repeatable)`).argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
}

/** Reports beside what a command prints; the names of the formats are those of report/formats.ts. */
function reporting(command: Command): Command {
  return command
    .addOption(repeatable('--report <format=path>', `also write a report: ${FORMAT_NAMES}`))
    .option('--tested-by <name>', 'who tested, such as "Ada Lovelace <ada@example.org>": for the report "mail"');
}

const FORMAT_NAMES = 'text, json, ktap, junit, markdown, kcidb, mail, html';

const PROFILE_NAMES = 'plain, smp, lockdep, kasan, kmemleak, compat';

const KERNEL_HELP = '6.12, v6.12.9, debian:6.12, tar:PATH-or-URL, dir:PATH, git:PATH-or-URL#REF (default: 6.12, or what commits of a repository are on)';
const PROFILE_HELP = `configuration and machine: ${PROFILE_NAMES} (default: plain)`;

function ofSeries(command: Command, description: string): Command {
  return command.description(description).argument('[series...]', 'series in the order of application, in one of the forms below (default: semundo-v2 next-id-v2)');
}

/** What can be asked of a series on whatever kernel and profile. */
function asking(command: Command): Command {
  return command
    .addOption(repeatable('-s, --suite <name>', 'the tests that judge: a shipped suite, or a path of a suite file (default: those that the series name)'))
    .addOption(repeatable('--test <path>', 'a test of your own: a C file, a static program, a script for sh, or a folder of these'))
    .addOption(repeatable('--kselftest <target>', "selftests of the kernel tree: a target such as ipc, or one of its programs: ipc:msgque"))
    .addOption(repeatable('--config <fragment>', 'adds to the configuration: a file, CONFIG_FOO=y, or auto: what the touched code needs to be compiled'))
    .addOption(repeatable('--append <words>', 'adds to the kernel command line'))
    .option('--memory <size>', "the guest's memory, such as 512M (default: the profile's)")
    .option('--smp <cpus>', "the guest's CPUs (default: the profile's)")
    .addOption(repeatable('--qemu-arg <arg>', 'adds a word to the arguments of QEMU: --qemu-arg=-device --qemu-arg=virtio-rng-device'))
    .option('--repeat <times>', 'boot each kernel so often; a test that does not come out the same is unstable (default: once, and four times where that is bad)')
    .option('--version <n>', 'of a thread with several versions of a series, this one (default: the newest that is complete)')
    .option('--3way', 'merge a patch that does not apply, with the history of a git: kernel (as git am --3way)')
    .option('--timeout <duration>', 'limit for one boot with all its tests, such as 90s or 5m')
    .option('--keep-going', 'do not stop a build at its first error');
}

/** What the commands that judge a series have in common. */
function judging(command: Command, description: string): Command {
  return judgeOptions(ofSeries(command, description));
}

function judgeOptions(command: Command): Command {
  return reporting(asking(command))
    .option('-k, --kernel <spec>', KERNEL_HELP)
    .option('-p, --profile <name>', PROFILE_HELP)
    .option('-o, --out <folder>', 'where to put the evidence (default: a new folder below ~/.local/state/respin/runs)')
    .option('--json', 'print one JSON document on standard output and nothing else')
    .option('--fresh', 'build and boot again, even what is known')
    .addOption(accelOption())
    .addOption(sandboxOption());
}

/**
 * The command line. Each command's code is loaded when it is chosen, so that help is quick.
 * @param settle gets the exit code of the command that was run
 */
function commandLine(settle: (code: number) => void): Command {
  const program = new Command('respin');
  program
    .description('tests Linux kernel patch series: what a series fixed, what it broke, and evidence that can be repeated')
    .version(respinVersion(), '-V, --version')
    .exitOverride()
    // Else `--version` before a command would take that of the command.
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for the options)')
    .addHelpText('after', `${EXIT_CODE_HELP}\nExample:\n  respin run semundo-v1 --kernel 6.12\n`);

  judging(program.command('run'), 'apply a series, build base and tip, boot both, and judge the tip against the base')
    .option('--bisect', 'judge the kernel that git checked out, without a series, as git bisect run wants it (see below)')
    .option('--finding <text>', 'with --bisect: bad is a kernel report with this in its title, or with this fingerprint')
    .option('--build [text]', 'with --bisect: bad is what does not build (with this text in an error)')
    .option('--boot [text]', 'with --bisect: bad is what does not come to its last test (with this text in its end)')
    .addOption(repeatable('--known <text>', 'with --bisect: a kernel report that is there anyway and excuses no failing test'))
    .option('--plan <file>', 'judge what "respin plan" wrote into this file, and nothing else')
    .option('--shard <id>', 'with --plan: only this shard of it')
    .addHelpText('after', `${FORMS_HELP}${EXIT_CODE_HELP}${BISECT_RUN_HELP}\nExamples:\n  respin run semundo-v1 --kernel 6.1 --profile kasan\n  respin run git:$HOME/linux#v6.12..topic --kernel git:$HOME/linux#v6.12 --kselftest ipc\n  respin run ~/linux/outgoing --test reproducer.c --config CONFIG_NET=y --repeat 5\n  respin run --plan plan.json --shard 1of3-2ab64b51fd0c --out shards/1\n  git bisect run npx respin run --bisect --kselftest ipc --test ipc.msgque\n`)
    .action(async (series: string[], options: Record<string, unknown>) => {
      if (options['plan'] !== undefined) settle(await (await import('./commands/run-plan.js')).runPlanCommand(series, options));
      else settle(await (await import('./commands/run.js')).runCommand(series, options));
    });

  judging(program.command('walk'), 'build and boot a series patch by patch, and say which patch makes which test pass')
    .option('--from <patch>', 'the first patch to build up to; 0 is the base', '0')
    .option('--to <patch>', 'the last patch (default: the last of the series)')
    .addHelpText('after', `${FORMS_HELP}${EXIT_CODE_HELP}\nExamples:\n  respin walk semundo-v2\n  respin walk semundo-v2 next-id-v2 --kernel 6.1 --profile lockdep\n  respin walk ~/linux/outgoing --from 2 --to 4 --suite msgque\n`)
    .action(async (series: string[], options: Record<string, unknown>) => {
      settle(await (await import('./commands/walk.js')).walkCommand(series, options));
    });

  judging(program.command('bisect'), 'find the patch of a series, the commit or the options of a configuration that make something wrong, or with --fixed right')
    .option('--finding <text>', 'search for the kernel report with this in its title, or with this fingerprint')
    .option('--build', 'search for what does not build')
    .option('--boot', 'search for what does not come to its last test')
    .option('--fixed', 'the base shows it and the tip does not: search the patch that fixes it')
    .option('--first-parent', 'of merges, follow the branch that was merged into (as git bisect)')
    .option('--jobs <n>', 'look at so many patches of the series at once, on copies of the tree', '1')
    .option('--config-good <config>', 'search options: a configuration without the fault, as a file or a fragment; without a series, of the kernel itself')
    .option('--config-bad <config>', 'a configuration with it')
    .option('--confidence <number>', 'in an answer about something that comes and goes', '0.99')
    .addHelpText('after', `\nExit codes:\n  0    found: the patch, and what was confirmed\n  125  untestable: it cannot be told, and why\n  2, 3 as for run\n\nExamples:\n  respin bisect ~/linux/outgoing --suite msgque --test msgque\n  respin bisect semundo-v2 --test semundo.read.format --fixed\n  respin bisect git:$HOME/linux#v6.12..HEAD --kselftest ipc --test ipc.msgque\n  respin bisect --config-good a.config --config-bad b.config --kselftest ipc --test ipc.msgque\n`)
    .action(async (series: string[], options: Record<string, unknown>) => {
      settle(await (await import('./commands/bisect.js')).bisectCommand(series, options));
    });

  judgeOptions(
    program
      .command('compare')
      .description('compare two versions of a series: patches, tests, kernel reports, warnings and sizes, and whether the new one is better')
      .argument('<old>', 'the older version, in one of the forms below')
      .argument('<new>', 'the newer version'),
  )
    .addHelpText('after', `${FORMS_HELP}\nExit codes:\n  0    better or same\n  1    worse, or mixed: better in some things and worse in others\n  125  untestable: it cannot be told that nothing is worse\n  2, 3 as for run\n\nExamples:\n  respin compare outgoing-v7 outgoing-v8 --kselftest ipc\n  respin compare semundo-v1 semundo-v2\n  respin compare git:.#v6.12..topic-v7 git:.#v6.12..topic-v8 --suite msgque\n`)
    .action(async (older: string, newer: string, options: Record<string, unknown>) => {
      settle(await (await import('./commands/compare.js')).compareCommand(older, newer, options));
    });

  program
    .command('rerun')
    .description('repeat a run from its evidence on this machine, and say item by item whether it came out the same')
    .argument('<evidence>', 'the folder that a run printed behind "evidence:", its evidence.json, or a pack of it')
    .option('-k, --kernel <spec>', 'where the kernel is on this machine (default: where it was)')
    .option('--from-nothing', 'build in empty folders, not from where the build folders were left')
    .option('--pack <file>', 'repeat nothing, but write a tar.gz that another person can repeat: series, configuration, kernel by digest')
    .option('-o, --out <folder>', 'where to put the new evidence (default: a new folder below ~/.local/state/respin/runs)')
    .option('--json', 'print one JSON document on standard output and nothing else')
    .addOption(accelOption())
    .addOption(sandboxOption())
    .addHelpText('after', '\nExit codes: 0 everything came out the same, 1 something did not, 2 the evidence cannot be read or the request is wrong, 3 host\n\nExamples:\n  respin rerun ~/.local/state/respin/runs/20261121-141633-semundo-v1-6.12.117-plain-a803\n  respin rerun EVIDENCE --pack semundo.tar.gz\n  respin rerun semundo.tar.gz --kernel dir:$HOME/linux-6.12.117\n')
    .action(async (evidence: string, options: Record<string, unknown>) => {
      settle(await (await import('./commands/rerun.js')).rerunCommand(evidence, options));
    });

  asking(ofSeries(program.command('plan'), 'plan kernels, profiles and ranges of patches on several machines; nothing is built'))
    .addOption(repeatable('-k, --kernel <spec>', KERNEL_HELP))
    .addOption(repeatable('-p, --profile <name>', PROFILE_HELP))
    .option('--walk', 'judge patch by patch, as "respin walk"; the patches are shared among the machines too')
    .option('--shards <number>', 'how many machines there are', '1')
    .addOption(repeatable('--times <folder>', 'earlier evidence that tells how long things take (default: the runs of this user)'))
    .option('-o, --out <file>', 'where to put the plan, which each machine needs')
    .addOption(new Option('--format <name>', 'what to print: a table; the plan; a matrix for fromJSON(); a command line for each shard').choices(['text', 'json', 'github', 'commands']).default('text'))
    .addHelpText('after', `${FORMS_HELP}\nExamples:\n  respin plan semundo-v2 -k 6.12 -k 6.1 -p plain -p kasan --shards 3 --out plan.json\n  respin plan ~/linux/outgoing --walk --suite msgque --shards 4 --out plan.json --format commands | parallel -S host1,host2\n  respin merge shards\n`)
    .action(async (series: string[], options: Record<string, unknown>) => {
      settle(await (await import('./commands/plan.js')).planCommand(series, options));
    });

  reporting(program.command('merge'))
    .description('make one evidence of those of all shards of a plan, with one verdict')
    .argument('<folders...>', 'evidence of the shards, or folders that hold it')
    .option('--plan <file>', 'refuse shards of any other plan')
    .option('-o, --out <folder>', 'where to put the evidence (default: a new folder below ~/.local/state/respin/runs)')
    .option('--json', 'print one JSON document on standard output and nothing else')
    .addHelpText('after', `\nA shard that is missing is an error (exit 3), as one that is there twice, of another plan, or that does not fit to the rest (exit 2).\n${EXIT_CODE_HELP}\nExample:\n  respin merge shards --plan plan.json --out evidence\n`)
    .action(async (folders: string[], options: Record<string, unknown>) => {
      settle(await (await import('./commands/merge.js')).mergeCommand(folders, options));
    });

  program
    .command('annotate')
    .description('print what evidence says of lines of the sources as workflow commands of GitHub: compiler, checkpatch.pl, patches that do not apply, findings')
    .argument('<evidence...>', 'folders of evidence, or files with what "respin check --json" printed')
    .addHelpText('after', '\nExample:\n  respin annotate evidence check.json\n')
    .action(async (paths: string[]) => {
      settle(await (await import('./commands/annotate.js')).annotateCommand(paths));
    });

  program
    .command('init')
    .description('write a respin.yaml for this folder, which "respin run" and "respin walk" read when they are called in it or below it')
    .addHelpText('after', '\nExample:\n  respin init && respin run\n')
    .action(async () => {
      settle(await (await import('./commands/init.js')).initCommand());
    });

  reporting(program.command('check'))
    .description('all that can be known of a series without a build: does it apply and why not, checkpatch.pl, maintainers, options')
    .argument('<series...>', 'series, as for run')
    .option('-k, --kernel <spec>', 'a kernel, as for run; may be given several times (default: 6.12, or what commits of a repository are on)', (spec: string, before: readonly string[] | undefined) => [...(before ?? []), spec])
    .option('--version <n>', 'of a thread with several versions of a series, this one (default: the newest that is complete)')
    .option('--json', 'print one JSON document on standard output and nothing else')
    .addOption(sandboxOption())
    .addHelpText('after', '\nExit codes: 0 clean, 1 a patch does not apply or checkpatch.pl has an error, 2 usage, 3 host, also when checkpatch.pl cannot be run\n\nExample:\n  respin check ~/linux/outgoing --kernel 6.12 --kernel 6.1\n')
    .action(async (series: string[], options: Record<string, unknown>) => {
      settle(await (await import('./commands/check.js')).checkCommand(series, options));
    });

  program
    .command('report')
    .description('make reports of evidence: of what run, walk, bisect, compare or merge left, or of what check --json printed')
    .argument('<evidence>', 'the folder of the evidence, or its evidence.json')
    .addOption(repeatable('-f, --format <format>', `${FORMAT_NAMES}; several with commas; FORMAT=PATH writes to a file, else to standard output (default: text)`))
    .option('--tested-by <name>', 'who tested, such as "Ada Lovelace <ada@example.org>": for the report "mail"')
    .addHelpText('after', '\nThe exit code is 0 when the reports were made, whatever their verdict.\n\nExamples:\n  respin report EVIDENCE\n  respin report EVIDENCE --format html=report.html --format junit=report.xml\n  respin report EVIDENCE --format mail --tested-by "Ada Lovelace <ada@example.org>" >reply.eml\n  respin run semundo-v1 --report html=report.html --report markdown=summary.md\n')
    .action(async (evidence: string, options: Record<string, unknown>) => {
      settle(await (await import('./commands/report.js')).reportCommand(evidence, options));
    });

  program
    .command('b4-check')
    .description("answer b4's check commands about the patch or the cover letter on standard input, from evidence that is there")
    .option('--evidence <path>', 'the evidence to answer from (default: the newest below ~/.local/state/respin/runs that is of this patch or letter)')
    .option('--json', "answer as b4's review-perpatch-check-cmd and review-series-check-cmd want it (default: lines, for prep- and am-perpatch-check-cmd)")
    .addHelpText('after', '\nNothing is built: what was not tested is answered with a warning.\n\nExamples:\n  git config --add b4.prep-perpatch-check-cmd "respin b4-check"\n  git config --add b4.review-perpatch-check-cmd "respin b4-check --json"\n  git config --add b4.review-series-check-cmd "respin b4-check --json"\n')
    .action(async (options: Record<string, unknown>) => {
      settle(await (await import('./commands/b4-check.js')).b4CheckCommand(options));
    });

  program
    .command('doctor')
    .description('every tool with its version, what is missing and how to get it, KVM, sandbox, disk space')
    .addHelpText('after', '\nExample:\n  respin doctor\n')
    .action(async () => {
      settle(await (await import('./commands/doctor.js')).doctorCommand());
    });

  program
    .command('setup')
    .description('install what is missing (Debian packages, when that needs no password), or say what to type')
    .addHelpText('after', '\nExample:\n  respin setup\n')
    .action(async () => {
      settle(await (await import('./commands/setup.js')).setupCommand());
    });

  program
    .command('kernels')
    .description('the kernels that can be had: in the cache, from kernel.org, from the distribution')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  respin kernels\n')
    .action(async (options: Record<string, unknown>) => {
      settle(await (await import('./commands/kernels.js')).kernelsCommand(options));
    });

  program
    .command('series')
    .description('the series that ship with respin')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  respin series\n')
    .action(async (options: Record<string, unknown>) => {
      settle(await (await import('./commands/series.js')).seriesCommand(options));
    });

  program
    .command('suites')
    .description('the test suites that ship with respin')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  respin suites\n')
    .action(async (options: Record<string, unknown>) => {
      settle(await (await import('./commands/suites.js')).suitesCommand(options));
    });

  program
    .command('shell')
    .description('boot the last built kernel, or a named one, with a busybox prompt on the serial console')
    .argument('[vmlinux]', 'a kernel image (default: the last one that was built)')
    .option('-p, --profile <name>', `machine: ${PROFILE_NAMES} (default: as it was built for)`)
    .addOption(accelOption())
    .addHelpText('after', '\nLeave it with: exit (or Ctrl-A X)\n\nExample:\n  respin shell\n')
    .action(async (vmlinux: string | undefined, options: Record<string, unknown>) => {
      settle(await (await import('./commands/shell.js')).shellCommand(vmlinux, options));
    });

  program
    .command('cache')
    .description('show what the cache holds, or prune it')
    .argument('[action]', 'show or prune', 'show')
    .option('--all', 'with prune: everything, downloads and trees too')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  respin cache\n  respin cache prune\n')
    .action(async (action: string, options: Record<string, unknown>) => {
      settle(await (await import('./commands/cache.js')).cacheCommand(action, options));
    });

  return program;
}

/**
 * Runs one command line and returns its exit code.
 * @param args without node and the script
 */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.good;
  const program = commandLine((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.good;
    if (thrown instanceof CommanderError) {
      const exitCode = errorExit(args, EXIT.usage);
      if (!args.includes('--json')) return exitCode;
      const error = { code: thrown.code, kind: 'usage', message: thrown.message, hint: 'see --help for the options' };
      process.stdout.write(jsonDocument({ verdict: null, exitCode, error }));
      return exitCode;
    }
    return (await import('./terminal/report-error.js')).reportError(thrown, args.includes('--json'), (code) => errorExit(args, code));
  }
}
