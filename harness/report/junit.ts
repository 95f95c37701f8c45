import { visible } from '../terminal/escape.js';
import type { Brief, Case, CaseGroup } from './brief.js';

const SHOWN_LINES = 200;
const LONGEST = 2000;

/** Text in XML 1.0, in elements and in attributes: what may not be there is shown as what it is. */
function xml(text: string): string {
  const shown = visible(text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
  return shown.replace(/[&<>"'\t]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** Behind `| `, so that a line of a guest is never one for whoever reads a log. */
function block(lines: readonly string[]): string {
  const shown = lines.slice(0, SHOWN_LINES).map((line) => `| ${xml(line)}`);
  const left = lines.length - shown.length;
  return shown.length === 0 ? '' : `\n${[...shown, ...(left > 0 ? [`… ${left} more lines`] : [])].join('\n')}\n`;
}

const seconds = (ms: number): string => (Math.max(0, ms) / 1000).toFixed(3);

function child({ outcome, status, detail, lines }: Case): string {
  switch (outcome) {
    case 'pass':
      return '';
    case 'known':
      return `<skipped message="${xml(`base failure: ${detail || status}`)}">${block(lines)}</skipped>`;
    case 'skip':
      return `<skipped message="${xml(detail || status)}"/>`;
    case 'fail':
      return `<failure type="${xml(status || 'failed')}" message="${xml(`new failure: ${detail || status}`)}">${block(lines)}</failure>`;
    case 'untold':
      return `<error type="${xml(status || 'untold')}" message="${xml(`not told: ${detail || status}`)}">${block(lines)}</error>`;
  }
}

function suite({ name, cases }: CaseGroup, index: number, { startedAt }: Brief): string {
  const count = (...outcomes: readonly Case['outcome'][]): number => cases.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const ms = cases.reduce((sum, one) => sum + (one.ms ?? 0), 0);
  const attributes = [
    ...[`name="${xml(name) || 'unnamed'}"`, `package="respin"`, `id="${index}"`, `timestamp="${startedAt.slice(0, 19)}"`, 'hostname="localhost"'],
    ...[`tests="${cases.length}"`, `failures="${count('fail')}"`, `errors="${count('untold')}"`, `skipped="${count('skip', 'known')}"`, `time="${seconds(ms)}"`],
  ];
  return [
    `  <testsuite ${attributes.join(' ')}>`,
    '    <properties/>',
    ...cases.map((one) => {
      const inner = child(one);
      const open = `    <testcase name="${xml(one.name)}" classname="${xml(name)}" time="${seconds(one.ms ?? 0)}"`;
      return inner === '' ? `${open}/>` : `${open}>${inner}</testcase>`;
    }),
    '    <system-out/>',
    '    <system-err/>',
    '  </testsuite>',
  ].join('\n');
}

/**
 * JUnit XML by the common schema (windyroad/JUnit-Schema): a new failure is a `failure`, a base failure is `skipped` and
 * says so, what could not be told is an `error`. Times are known of builds and boots; those of a test are 0.
 */
export function renderJunit(brief: Brief): string {
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...brief.groups.map((group, index) => suite(group, index, brief)), '</testsuites>', ''].join('\n');
}
