import { usageError, type HarnessError } from '../errors.js';
import { oneLine } from './text.js';

const FORMS: readonly (readonly [form: string, meaning: string])[] = [
  ['NAME', 'a series that ships with respin (respin series lists them)'],
  ['FOLDER', 'of git format-patch, of quilt (with its file "series"), or a maildir'],
  ['FILE', 'an mbox, a whole thread too, a .patch or .eml; gzip is fine; the single mails of one posting go together'],
  ['-', 'standard input, with any of these'],
  ['git:PATH#BASE..TIP', 'commits of a repository, which is only read'],
  ['MESSAGE-ID or URL', 'a thread of lore.kernel.org, such as 20240101.1-a@example.org'],
];

/** The forms in which a series can be named, one on a line with its meaning, for help and messages. */
export const SERIES_FORMS: string = FORMS.map(([form, meaning]) => `  ${form.padEnd(20)} ${meaning}`).join('\n');

/** What the user named, as far as the text tells. */
export type SeriesForm =
  | { readonly kind: 'stdin' }
  | { readonly kind: 'git'; readonly location: string; readonly base: string; readonly tip: string }
  /** `list` is that of a URL; undefined for a bare id. */
  | { readonly kind: 'message'; readonly id: string; readonly list: string | undefined }
  /** A shipped name, a path, or, where there is no such path, what `id` says. */
  | { readonly kind: 'name'; readonly id: string | undefined };

const LONGEST = 4096;
/** Git refuses these in a revision as well, or takes them for an option; `^` and `~` are fine here: `HEAD~3`. */
const REVISION = /^(?!-)[^\s\p{Cc}:?*[\\]+$/u;
const MESSAGE_ID = /^[^\s<>@/\\"\p{Cc}]{1,250}@[^\s<>@/\\"\p{Cc}]{1,250}$/u;
const HOSTS = new Set(['lore.kernel.org', 'lkml.kernel.org', 'patch.msgid.link', 'msgid.link']);

/**
 * Reads what the user gave as a series. Nothing is looked up.
 * @throws HarnessError `usage` `series.form`
 */
export function parseSeriesForm(text: string): SeriesForm {
  if (text === '-') return { kind: 'stdin' };
  if (text.length > LONGEST) throw malformed(text, 'it is too long');
  if (text.startsWith('git:')) return gitRange(text, text.slice('git:'.length));
  if (/^https?:\/\//i.test(text)) return archived(text);
  const id = /^<(.*)>$/.exec(text)?.[1];
  if (id !== undefined) {
    if (!MESSAGE_ID.test(id)) throw malformed(text, 'it is no message id', '<20240101.1-a@example.org>');
    return { kind: 'message', id, list: undefined };
  }
  return { kind: 'name', id: MESSAGE_ID.test(text) ? text : undefined };
}

function gitRange(text: string, value: string): SeriesForm {
  const example = 'git:/home/you/linux#v6.12..topic';
  const hash = value.lastIndexOf('#');
  const range = value.slice(hash + 1);
  const dots = range.indexOf('..');
  if (hash < 0 || dots < 0) throw malformed(text, 'after the repository, "#BASE..TIP" is expected', example);
  if (range.includes('...')) throw malformed(text, 'a range with three dots is no series', example);
  const [base, tip] = [range.slice(0, dots), range.slice(dots + 2) || 'HEAD'];
  for (const revision of [base, tip]) {
    if (!REVISION.test(revision) || revision.includes('..')) throw malformed(text, `"${oneLine(revision, 80)}" is no revision`, example);
  }
  const location = value.slice(0, hash) || '.';
  if (/^(?:\w+:\/\/|[\w.-]+@[\w.-]+:)/.test(location)) {
    throw malformed(text, 'the repository has to be on this disk: git clone it, or name a message id', example);
  }
  return { kind: 'git', location, base, tip };
}

/** `https://lore.kernel.org/LIST/ID/…`, `https://lkml.kernel.org/r/ID` and their like. */
function archived(text: string): SeriesForm {
  const example = 'https://lore.kernel.org/all/20240101.1-a@example.org/';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !HOSTS.has(url.hostname)) throw malformed(text, `of URLs those of ${[...HOSTS].slice(0, 2).join(' and ')} are known`, example);
  let parts: readonly string[];
  try {
    parts = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    throw malformed(text, 'it has a percent sign without its digits', example);
  }
  const at = parts.findIndex((part) => MESSAGE_ID.test(part));
  const id = parts[at];
  if (id === undefined || at > 1) throw malformed(text, 'it names no message', example);
  const list = at === 1 ? parts[0] : undefined;
  if (list !== undefined && !/^[A-Za-z0-9][\w.-]{0,100}$/.test(list)) throw malformed(text, 'it names no list', example);
  return { kind: 'message', id, list: list === 'r' ? undefined : list };
}

function malformed(text: string, problem: string, example = 'git:/home/you/linux#v6.12..topic'): HarnessError {
  return usageError('series.form', `the series "${oneLine(text, 120)}": ${problem}; expected one of\n${SERIES_FORMS}`, { hint: `for example: ${example}` });
}
