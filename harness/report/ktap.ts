import { visible } from '../terminal/escape.js';
import type { Brief, Case, CaseGroup } from './brief.js';

const LONGEST = 500;

/**
 * Text in a line of KTAP: no `#`, which ends a description, and none of the lines of a console at which the kernel's parser
 * takes the log for ended (KTAP_END in tools/testing/kunit/kunit_parser.py).
 */
function plain(text: string): string {
  const shown = visible(text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text).replace(/\t/g, ' ');
  return shown.replace(/List of all partitions:|Kernel panic - not syncing: VFS:|reboot: System halted/g, (found) => found.replace(' ', '\\x20'));
}

function description(text: string): string {
  return plain(text).replace(/#/g, '\\x23').replace(/^-/, '\\x2d').trim() || 'unnamed';
}

/** Result and directive; a failure that is not the series' is XFAIL, as kselftest has it. */
function resultOf({ outcome, status, detail }: Case): readonly [string, string] {
  switch (outcome) {
    case 'pass':
      return ['ok', detail === '' ? '' : ` # ${plain(detail)}`];
    case 'known':
      return ['ok', ` # XFAIL ${plain(detail)}`];
    case 'skip':
      return ['ok', ` # SKIP ${plain(detail)}`];
    case 'fail':
      return ['not ok', status === 'timeout' ? ` # TIMEOUT ${plain(detail)}` : detail === '' ? '' : ` # ${plain(detail)}`];
    case 'untold':
      return ['not ok', ` # ERROR ${plain(detail)}`];
  }
}

function groupLines({ name, cases }: CaseGroup, number: number): readonly string[] {
  const inner = cases.flatMap((one, index) => {
    const [result, directive] = resultOf(one);
    // Behind `| `, since a diagnostic line may else begin with what a parser knows, such as `Subtest: `.
    return [...one.lines.map((line) => `# | ${plain(line)}`), `${result} ${index + 1} ${description(one.name)}${directive}`.trimEnd()];
  });
  const failed = cases.some(({ outcome }) => outcome === 'fail' || outcome === 'untold');
  const skipped = cases.every(({ outcome }) => outcome === 'skip');
  return [...['KTAP version 1', `1..${cases.length}`, ...inner].map((line) => `  ${line}`), `${failed ? 'not ok' : 'ok'} ${number} ${description(name)}${skipped ? ' # SKIP all of them' : ''}`];
}

/** KTAP version 1 (Documentation/dev-tools/ktap.rst): a test for each program with its results below it, and `respin` for all else. */
export function renderKtap({ headline, sentence, facts, groups }: Brief): string {
  const lines = [
    'KTAP version 1',
    `1..${groups.length}`,
    ...facts.map(([label, text]) => `# | ${label}: ${plain(text)}`),
    ...groups.flatMap((group, index) => groupLines(group, index + 1)),
    `# | ${headline}: ${plain(sentence)}`,
  ];
  return `${lines.join('\n')}\n`;
}
