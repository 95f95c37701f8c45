// How long respin takes from a fault of the guest to the verdict, for ci/bench.mjs.
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { $ } from 'zx';
import { seconds, timed } from './bench-kit.mjs';

/** How the machine ends: by what stands in place of the panic of the planted fault. */
const FAULTS = {
  'a panic': 'panic("semundo: no undo lists");',
  'a triple fault': 'asm volatile("pushq $0; pushq $0; lidt (%rsp); int3");',
  'a hang': 'for (;;) barrier();',
};

/**
 * Plants each fault in an init call. A panic and a triple fault end QEMU by themselves: what respin needs from the first boot of
 * the kernel on, beyond a raw boot of it, is the time from the fault to the verdict, with the second boot that confirms it. A hang
 * is waited for, twice, as long as its limit says.
 * @param respin runs it, and returns its output
 * @param rawBootArgs what to boot by hand, from QEMU's argv of a boot
 */
export async function benchBadNews({ root, work, kernel, respin, rawBootArgs, report }) {
  const shipped = join(root, 'kernel-patches/semundo-v1');
  const planted = join(root, 'tests/fixtures/faults/6.12/boot-panic');
  const patch = readFileSync(join(planted, readdirSync(planted)[0]), 'utf8');
  // One folder for all: the build folder is named by it.
  const folder = join(work, 'bad-news');
  cpSync(shipped, folder, { recursive: true, filter: (path) => !path.endsWith('.patch') });
  mkdirSync(join(folder, '6.12'), { recursive: true });
  for (const [what, statement] of Object.entries(FAULTS)) {
    writeFileSync(join(folder, '6.12', '0001-planted.patch'), patch.replace(FAULTS['a panic'], () => statement));
    const judge = () => respin('run', folder, '--kernel', kernel, '--json');
    // Builds; what ended badly is booted again by the next one.
    await judge();
    const { verdict, evidence } = JSON.parse((await judge()).stdout);
    if (verdict !== 'bad') throw new Error(`${what}: the verdict is ${verdict}`);
    const { tip, timings, totalMs } = JSON.parse(readFileSync(join(evidence, 'evidence.json'), 'utf8'));
    const begun = timings.find(({ stage, what: name }) => stage === 'boot' && name === 'tip').startMs;
    // Where there are source lines to look up the verdict is told before that.
    const told = timings.find(({ stage }) => stage === 'verdict')?.startMs ?? totalMs;
    const { boots } = tip;
    // A kernel that tells where it hangs has broken the silence.
    const isHang = ['silent', 'overtime'].includes(boots[0].end.kind);
    const raw = isHang ? [] : await rawBootArgs(boots[0].argv);
    const waited = isHang ? boots.reduce((sum, boot) => sum + boot.totalMs, 0) : (await timed(() => $({ nothrow: true })`${raw}`)).ms;
    const ms = told - begun;
    report(`${what}, from the fault${isHang ? ' and its limit' : ''} to the verdict`, `${seconds(ms)} - ${seconds(waited)} = ${seconds(ms - waited)}`, 'under 1 s', ms - waited < 1000);
  }
}
