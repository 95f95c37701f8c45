import { isUtf8 } from 'node:buffer';
import { usageError } from '../errors.js';
import type { Patch } from '../model.js';
import { digestOf } from '../store/digest.js';
import { damageIn, hiddenDamage, type Damage } from './damage.js';
import { canonicalDiff } from './diff-canonical.js';
import { stripLevel } from './diff-level.js';
import { parseDiffLines, type FileDiff } from './diff.js';
import type { Mail } from './mail.js';
import { linesOf, newlinesIn, oneLine } from './text.js';
import { treePathProblem } from './tree-path.js';

/** Headers that are made by a program have some hundred thousand. */
const MOST_LINES = 1_000_000;

/**
 * Makes a patch of a mail and checks it. Its diff is as `git apply -p1` takes it, whatever its paths begin with.
 * @throws HarnessError `usage` `series.damaged` for what a mailer broke, `series.malformed` (both with file and line),
 * `series.path`, `series.special` (a symbolic link or a submodule)
 */
export function patchOf(mail: Mail, number: number): Patch {
  const body = Buffer.from(mail.body.buffer, mail.body.byteOffset, mail.body.byteLength);
  if (newlinesIn(body) > MOST_LINES) throw malformed(mail, MOST_LINES, `more than ${MOST_LINES} lines in one patch`);
  const lines = linesOf(body.toString('latin1'));
  const found = mail.letter.strip === undefined ? stripLevel(lines) : { level: mail.letter.strip };
  if (!('level' in found)) throw malformed(mail, found.line, found.problem);
  const { level } = found;
  const parsed = parseDiffLines(lines, level);
  if (parsed.kind === 'empty') throw withoutDiff(mail);
  if (parsed.kind === 'malformed') {
    const damage = damageIn(lines, parsed.line, mail.letter.flowed);
    throw damage ? damaged(placeOf(mail, damage.line), damage) : malformed(mail, parsed.line, parsed.problem);
  }
  const hidden = hiddenDamage(hunkLines(lines, parsed.files), mail.letter.flowed);
  if (hidden) throw damaged(placeOf(mail, hidden.line), hidden);
  for (const file of parsed.files) check(mail, file);
  const diff = canonicalDiff(body, lines, parsed, level);
  if (!diff) throw malformed(mail, parsed.files[0]?.line ?? 1, 'paths that cannot be written with "a/" and "b/" before them');
  const utf8 = isUtf8(diff);
  return {
    number,
    subject: mail.subject || `patch ${number}`,
    author: mail.author,
    message: mail.message,
    messageId: mail.messageId,
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

/** The lines of a text that are of hunks, the others empty, so that a line keeps its number. */
function hunkLines(lines: readonly string[], files: readonly FileDiff[]): readonly string[] {
  const kept: string[] = [];
  for (const [index, file] of files.entries()) {
    const end = (files[index + 1]?.line ?? lines.length + 1) - 1;
    for (let at = kept.length; at < file.bodyLine - 1; at++) kept.push('');
    for (let at = file.bodyLine - 1; at < end && !/^-- ?\r?\n?$/.test(lines[at] ?? ''); at++) kept.push(file.binary ? '' : (lines[at] ?? ''));
  }
  return kept;
}

function placeOf(mail: Mail, line: number): string {
  return mail.at ? `${mail.at.path}:${mail.at.line + line - 1}` : `${mail.origin}, line ${line} of its decoded diff`;
}

function malformed(mail: Mail, line: number, problem: string): Error {
  return usageError('series.malformed', `${placeOf(mail, line)}: malformed patch: ${oneLine(problem)}`, {
    hint: 'a patch that was edited by hand needs right counts in its "@@" lines: make it anew with git format-patch',
  });
}

function damaged(place: string, { problem }: Damage): Error {
  return usageError('series.damaged', `${place}: the patch is damaged: ${problem}`, {
    hint: 'this is no conflict with the kernel: get the patch as it was sent, from lore.kernel.org by its message id, or ask for git format-patch output as an attachment',
  });
}

function withoutDiff(mail: Mail): Error {
  const { quotedDiff, onlyHtml, at } = mail.letter;
  if (quotedDiff !== undefined) {
    const place = at ? `${at.path}:${at.line + quotedDiff - 1}` : `${mail.origin}, line ${quotedDiff} of its text`;
    return damaged(place, { line: quotedDiff, problem: 'it is quoted or indented, as in a reply' });
  }
  if (onlyHtml) return damaged(mail.origin, { line: 1, problem: 'the mail is HTML without a plain text' });
  return usageError('series.malformed', `${mail.origin} has no diff (subject: "${mail.subject}")`, {
    hint: 'a series is patches as git format-patch writes them, with at most a cover letter [PATCH 0/n] beside them',
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
