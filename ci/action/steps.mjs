// What the steps of the action have in common. They run the same outside GitHub: a file of GITHUB_* that is not named is not written.
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { $ } from 'zx';
import { root } from '../bootstrap.mjs';

/** What exit codes mean; any other is a program that did not come to its end. */
export const VERDICTS = { 0: 'good', 1: 'bad', 2: 'usage', 3: 'host', 125: 'untestable' };

/** The verdict of an exit code. What did not end by itself says nothing of a series. */
export function verdictOf(exitCode) {
  return VERDICTS[exitCode] ?? 'host';
}

/** An input of the action, without white space around it; empty when it is not given. */
export function input(name) {
  return (process.env[`INPUT_${name}`] ?? '').trim();
}

/** The words of an input. */
export function words(name) {
  return input(name).split(/\s+/).filter(Boolean);
}

/** An option once for each word of an input. */
export function repeated(option, name) {
  return words(name).flatMap((word) => [option, word]);
}

/** Where the steps leave things for each other. */
export function workFolder() {
  const folder = process.env.RESPIN_ACTION_FOLDER ?? join(process.env.RUNNER_TEMP ?? '/tmp', 'respin-action');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** What the user's paths are relative to. */
export function workspace() {
  return process.env.GITHUB_WORKSPACE ?? process.cwd();
}

/** Adds to the summary of the job. */
export function addSummary(markdown) {
  const file = process.env.GITHUB_STEP_SUMMARY;
  if (file) appendFileSync(file, markdown);
}

/** Text as a block of Markdown that nothing in it can end, without what a page or a terminal would take for more than text. */
export function fenced(text) {
  const shown = text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, '\ufffd');
  const longest = Math.max(2, ...(shown.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${shown.replace(/\n+$/, '')}\n${fence}\n`;
}

/**
 * Runs respin in the workspace. What it prints is shown on the log and never taken for workflow commands.
 * @returns its exit code and standard output
 */
export async function respin(args, { quiet = false } = {}) {
  const token = `respin-${randomUUID()}`;
  process.stdout.write(`::stop-commands::${token}\n`);
  try {
    const running = $({ cwd: workspace(), nothrow: true, quiet: true, stdio: ['ignore', 'pipe', 'pipe'] })`${process.execPath} ${join(root, 'dist', 'cli.js')} ${args}`;
    running.stderr.pipe(process.stdout, { end: false });
    if (!quiet) running.stdout.pipe(process.stdout, { end: false });
    const { exitCode, stdout, stderr } = await running;
    return { exitCode: exitCode ?? 3, stdout, stderr };
  } finally {
    process.stdout.write(`\n::${token}::\n`);
  }
}

/** Whether an evidence folder is there. */
export function hasEvidence(folder) {
  return existsSync(join(folder, 'evidence.json'));
}

/** Ends the step by a message that says what is wrong with the request. */
export function refuse(message) {
  const text = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  process.stdout.write(`::error title=respin::${text}\n`);
  process.exit(2);
}
