import { HarnessError, messageOf } from '../errors.js';
import { Interrupted } from '../host/interruption.js';
import { jsonDocument } from '../json-document.js';
import { visible } from './escape.js';

const SHOWN_OUTPUT_LINES = 20;

function lines(text: string): readonly string[] {
  return text.split('\n').map(visible);
}

/**
 * Prints what was thrown, for a person on standard error and with `json` also as one document on standard output.
 * @param exitFor what this request says for an exit code
 * @returns the exit code: that for 2 for a wrong request, for 3 for a host or harness that failed, 130 when interrupted
 */
export function reportError(thrown: unknown, json: boolean, exitFor: (code: number) => number): number {
  if (thrown instanceof Interrupted) {
    process.stderr.write('respin: interrupted; the next run goes on from here\n');
    return 130;
  }
  const known = thrown instanceof HarnessError ? thrown : undefined;
  const exitCode = exitFor(known?.kind === 'usage' ? 2 : 3);
  const text = [
    `respin: ${lines(messageOf(thrown)).join('\n  ')}`,
    ...(known?.output ? known.output.trimEnd().split('\n').slice(-SHOWN_OUTPUT_LINES).map((line) => `  | ${visible(line)}`) : []),
    ...(known?.hint ? [`  ${lines(known.hint).join('\n  ')}`] : []),
    ...(known ? [] : ['  this is a fault of respin; it says nothing about the series']),
    ...(known || process.env['RESPIN_DEBUG'] === undefined ? [] : lines(thrown instanceof Error ? (thrown.stack ?? '') : '')),
  ];
  process.stderr.write(`${text.join('\n')}\n`);
  if (json) {
    const error = { code: known?.code ?? 'internal', kind: known?.kind ?? 'host', message: messageOf(thrown), hint: known?.hint };
    process.stdout.write(jsonDocument({ verdict: null, exitCode, error }));
  }
  return exitCode;
}
