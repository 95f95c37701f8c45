import { visible } from '../terminal/escape.js';
import type { Annotation } from './annotations.js';

const MOST_CHARACTERS = 4000;

/**
 * What is written after `::`, as the runner reads it back (escapeData in packages/core/src/command.ts of actions/toolkit): a line
 * break would end the command and let the rest begin another one.
 */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** What is written before it: `:` and `,` part properties (escapeProperty in the same file). */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Control characters are shown as what they are; line breaks stay. */
function lines(text: string): string {
  return text.slice(0, MOST_CHARACTERS).split('\n').map(visible).join('\n');
}

const ORDER: readonly Annotation['level'][] = ['error', 'warning', 'notice'];

/** What is said of one place by one title in one first line is one thing: below that, two kernels differ in times and addresses. */
function keyOf({ level, file, line, title, message }: Annotation): string {
  return JSON.stringify([level, file, line, title, message.split('\n', 1)]);
}

/**
 * Workflow commands that put annotations at lines of a pull request, the worst first, each once, one on a line: GitHub shows ten
 * of a kind for a step.
 * @returns no line that is not a command
 */
export function githubCommands(annotations: readonly Annotation[]): readonly string[] {
  const sorted = ORDER.flatMap((level) => annotations.filter((one) => one.level === level));
  const keys = sorted.map(keyOf);
  const once = sorted.filter((_, index) => keys.indexOf(keys[index] ?? '') === index);
  return once.map(({ level, file, line, title, message }) => {
    const place = file === undefined ? [] : [`file=${property(visible(file))}`, ...(line === undefined ? [] : [`line=${Math.max(1, line)}`])];
    return `::${level} ${[...place, `title=${property(visible(title))}`].join(',')}::${data(lines(message))}`;
  });
}
