import type { KnownEvidence } from '../evidence/kinds.js';
import { formatMs } from '../terminal/format.js';
import { judgedIn } from './brief-matrix.js';
import { html, htmlTable, scrolling } from './html-escape.js';
import { commandText } from './shell-words.js';
import { sidesOf } from './sides.js';

const SHOWN_KERNELS = 250;

/** Stage by stage when it began and how long it took. Evidence of before that was kept has the stages one behind the other. */
export function timeline(evidence: KnownEvidence): string {
  if (evidence.kind === 'check' || evidence.kind === 'matrix') return '';
  const { timings, totalMs } = evidence;
  let at = 0;
  const placed = timings.map(({ stage, what, ms, outcome, startMs }) => {
    const start = startMs ?? at;
    at = start + ms;
    return { stage, what, ms, outcome, start };
  });
  const end = Math.max(1, totalMs, ...placed.map(({ start, ms }) => start + ms));
  const rows = placed.map(({ stage, what, ms, outcome, start }) => {
    const [x, width] = [(1000 * start) / end, Math.max(2, (1000 * ms) / end)];
    const picture = `<svg class="strip" role="img" aria-label="from ${formatMs(start)} to ${formatMs(start + ms)}" viewBox="0 0 1000 16" preserveAspectRatio="none"><rect class="s-time" x="${Math.min(998, x).toFixed(1)}" y="2" width="${width.toFixed(1)}" height="12"/></svg>`;
    return [`${html(stage)} ${html(what, 100)}`, picture, formatMs(ms), html(outcome, 200)];
  });
  return htmlTable(`stages, over ${formatMs(end)}`, ['stage', 'when', 'time', 'outcome'], rows).replace('<table>', '<table class="matrix">');
}

function list(rows: readonly (readonly [string, string])[]): string {
  return `<dl>${rows.map(([name, text]) => `<dt>${html(name)}</dt><dd>${html(text)}</dd>`).join('')}</dl>`;
}

/** What went in, by digests, and the command that repeats it. */
export function provenance(evidence: KnownEvidence): string {
  const command = `<p>To repeat it:</p>${scrolling('the command that repeats it', `<pre>${html(commandText(evidence.command), 8000)}</pre>`)}`;
  if (evidence.kind === 'check') {
    return `${command}${list([['respin', evidence.respin], ['at', evidence.startedAt], ...evidence.kernels.flatMap(({ version, label, digest, series }) => [['kernel', `${version}, ${label}, ${digest}`] as const, ['series', `${series.name}, ${series.origin}, ${series.digest}`] as const])])}`;
  }
  if (evidence.kind === 'matrix') {
    const { plan, shard } = evidence;
    const shards = plan.shards.map(({ id, ms, parts }) => [html(id, 200), `about ${formatMs(ms)}`, html(parts.join(', '), 2000)]);
    const kernels = [...new Set(judgedIn(evidence).map(({ kernel: { version, label, digest } }) => `${version}, ${label}, ${digest}`))].map((text) => ['kernel', text] as const);
    const series = [...new Set(judgedIn(evidence).map(({ series: { name, digest } }) => `${name}, ${digest}`))].map((text) => ['series', text] as const);
    return `${command}${list([['respin', evidence.respin], ['at', evidence.startedAt], ['plan', plan.digest], ...(shard === undefined ? [] : [['shard', shard] as const]), ...kernels, ...series])}${htmlTable('shards', ['shard', 'planned', 'parts'], shards)}`;
  }
  const { kernel, series, host, suite, profile, startedAt, respin, options } = evidence;
  const facts = [
    ['respin', respin],
    ['at', startedAt],
    ['kernel', `${kernel.version}, ${kernel.label} (${kernel.spec})`],
    ['digest of the kernel', kernel.digest],
    ...kernel.checks.map(({ name, made, detail }) => [name, `${made ? '' : 'not made: '}${detail}`] as const),
    ['series', `${series.name}, from ${series.origin}`],
    ['digest of the series', series.digest],
    ['suite', `${suite.name}: ${suite.programs.join(', ')}`],
    ['profile', `${profile.name}, ${profile.cpus} CPU, ${profile.memoryMiB} MiB`],
    ...(options === undefined ? [] : [['added', [...options.append, ...options.qemuArgs, ...options.config.map(({ name }) => name)].join(' ') || 'nothing'] as const]),
    ['compiler', host.compiler],
    ['linker', host.linker],
    ['make', host.make],
    ['QEMU', `${host.qemu}, ${host.accelerator.name}: ${host.accelerator.detail}`],
    ['sandbox', `${host.sandbox.kind}: ${host.sandbox.detail}`],
  ] as const;
  const patches = [...series.prerequisites, ...series.patches].map(({ number, subject, author = '', digest, messageId = '' }) => [number === 0 ? 'before' : String(number), html(subject, 300), html(author, 200), html(messageId, 200), `<code>${digest.slice(0, 16)}</code>`]);
  const sides = sidesOf(evidence);
  const kernels = sides
    .slice(0, SHOWN_KERNELS)
    .map(({ name, side: { build, initramfs, boots } }) => [html(name, 100), build === undefined ? '-' : build.ok ? `built${build.reused ? ' before' : ''}` : '<strong>not built</strong>', `<code>${(build?.vmlinux ?? '').slice(0, 16)}</code>`, `<code>${(initramfs ?? '').slice(0, 16)}</code>`, boots.map(({ end, reused, at }) => `${html(end.description, 200)}${reused ? ` (of ${html(at)})` : ''}`).join('<br>')]);
  const argv = sides.findLast(({ side }) => side.boots.length > 0)?.side.boots[0]?.argv;
  return [
    command,
    list(facts),
    patches.length === 0 ? '' : htmlTable('patches', ['patch', 'subject', 'author', 'message id', 'digest'], patches),
    htmlTable('kernels', ['kernel', 'build', 'vmlinux', 'initramfs', 'boot'], kernels),
    argv === undefined ? '' : `<p>How QEMU was called last:</p>${scrolling('arguments of QEMU', `<pre>${html(commandText(argv), 8000)}</pre>`)}`,
  ].join('\n');
}
