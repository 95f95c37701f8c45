import { isUtf8 } from 'node:buffer';
import { usageError } from '../errors.js';
import type { Patch } from '../model.js';
import { digestOf } from '../store/digest.js';
import { parseDiff, type FileDiff } from './diff.js';
import type { Mail } from './mail.js';
import { oneLine } from './text.js';
import { treePathProblem } from './tree-path.js';

/** A series as its mails give it. */
export interface MailedSeries {
  /** Subject of the cover letter, perhaps empty. */
  readonly title: string | undefined;
  readonly patches: readonly Patch[];
}

/**
 * Orders mails into a series and checks every patch. Numbers (`[PATCH 2/5]`) give the order where there are any, else
 * the order of the mails does.
 * @throws HarnessError `usage` `series.empty`, `series.numbers` (missing, twice, mixed), `series.malformed` (with file
 * and line), `series.path`, `series.special` (a symbolic link or a submodule)
 */
export function patchesOf(mails: readonly Mail[], where: string): MailedSeries {
  const cover = mails.find(({ position }) => position?.number === 0);
  const ordered = inOrder(mails.filter(({ position }) => position?.number !== 0), where);
  if (ordered.length === 0) {
    throw usageError('series.empty', `${where} has no patch${cover ? ' beside its cover letter' : ''}`, {
      hint: 'git format-patch BASE..TIP writes a series',
    });
  }
  return { title: cover?.subject, patches: ordered.map((mail, index) => patchOf(mail, index + 1)) };
}

function inOrder(mails: readonly Mail[], where: string): readonly Mail[] {
  const numbered = mails.filter(({ position }) => position !== undefined);
  if (numbered.length === 0) return mails;
  const total = numbered[0]?.position?.total ?? 0;
  const fail = (problem: string): Error =>
    usageError('series.numbers', `${where}: ${problem}`, { hint: 'git format-patch -n numbers the patches of a series' });
  const bare = mails.find(({ position }) => position === undefined);
  if (bare) throw fail(`${bare.origin} has no number, while others have [PATCH n/${total}]`);
  const other = numbered.find(({ position }) => position?.total !== total);
  if (other) throw fail(`mixes [PATCH n/${total}] and [PATCH n/${other.position?.total ?? 0}] (${other.origin})`);
  const byNumber = new Map<number, Mail>();
  for (const mail of numbered) {
    const number = mail.position?.number ?? 0;
    const twin = byNumber.get(number);
    if (twin) throw fail(`patch ${number}/${total} is there twice: ${twin.origin} and ${mail.origin}`);
    if (number > total) throw fail(`${mail.origin} has the number ${number} of ${total}`);
    byNumber.set(number, mail);
  }
  const missing = Array.from({ length: total }, (_, index) => index + 1).filter((number) => !byNumber.has(number));
  if (missing.length > 0) {
    throw fail(`of ${total} patches, ${missing.length === 1 ? 'this is' : 'these are'} missing: ${listed(missing)}`);
  }
  return [...byNumber].sort(([a], [b]) => a - b).map(([, mail]) => mail);
}

function listed(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 10).join(', ');
  return numbers.length > 10 ? `${shown}, …` : shown;
}

function patchOf(mail: Mail, number: number): Patch {
  const parsed = parseDiff(mail.body);
  if (parsed.kind === 'empty') {
    throw usageError('series.malformed', `${mail.origin} has no diff (subject: "${mail.subject}")`, {
      hint: 'a series is patches as git format-patch writes them, with at most a cover letter [PATCH 0/n] beside them',
    });
  }
  if (parsed.kind === 'malformed') throw malformed(mail, parsed.line, parsed.problem);
  for (const file of parsed.files) check(mail, file);
  const diff = Buffer.from(mail.body).subarray(parsed.start, parsed.end);
  const utf8 = isUtf8(diff);
  return {
    number,
    subject: mail.subject || `patch ${number}`,
    author: mail.author,
    origin: mail.origin,
    digest: digestOf(diff),
    diff: diff.toString(utf8 ? 'utf8' : 'latin1'),
    ...(utf8 ? {} : { diffEncoding: 'latin1' as const }),
    files: parsed.files.map(({ kind, from, to }) => ({ from: kind === 'copy' ? undefined : from, to })),
  };
}

/** The bytes of a patch's diff. */
export function diffBytes(patch: Patch): Uint8Array {
  return Buffer.from(patch.diff, patch.diffEncoding ?? 'utf8');
}

function placeOf(mail: Mail, line: number): string {
  return mail.at ? `${mail.at.path}:${mail.at.line + line - 1}` : `${mail.origin}, line ${line} of its decoded diff`;
}

function malformed(mail: Mail, line: number, problem: string): Error {
  return usageError('series.malformed', `${placeOf(mail, line)}: malformed patch: ${oneLine(problem)}`, {
    hint: 'a patch that was edited by hand needs right counts in its "@@" lines: make it anew with git format-patch',
  });
}

function check(mail: Mail, file: FileDiff): void {
  for (const path of [file.from, file.to]) {
    const problem = path === undefined ? undefined : treePathProblem(path);
    if (problem === undefined) continue;
    throw usageError(
      'series.path',
      `${placeOf(mail, file.line)}: a patch may not touch ${JSON.stringify(oneLine(path ?? ''))}: ${problem}`,
      { hint: 'paths are relative to the kernel tree, such as a/ipc/sem.c' },
    );
  }
  for (const mode of [file.oldMode, file.newMode]) {
    if (mode === undefined || mode.startsWith('100')) continue;
    const what = mode === '120000' ? 'a symbolic link' : mode === '160000' ? 'a submodule' : `a file of mode ${mode}`;
    throw usageError('series.special', `${placeOf(mail, file.line)}: ${file.to ?? file.from ?? ''} is ${what}`, {
      hint: 'respin applies patches to plain files alone',
    });
  }
}
