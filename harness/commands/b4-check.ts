import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { usageError } from '../errors.js';
import type { SingleEvidence } from '../evidence/kinds.js';
import { readEvidence } from '../evidence/read.js';
import { evidenceHome } from '../evidence/write.js';
import { packageRoot } from '../host/package-root.js';
import { jsonDocument } from '../json-document.js';
import type { Patch } from '../model.js';
import { b4Lines, b4Patch, b4Series, type B4Result } from '../report/b4.js';
import { commandText } from '../report/shell-words.js';
import { decodeLetters } from '../series/mail.js';
import { lettersOf, type Letter } from '../series/letter.js';
import { patchOf } from '../series/patches.js';
import { splitMbox } from '../series/raw-mail.js';
import { readSeries } from '../series/read-series.js';
import { withSession } from '../session.js';

const optionsSchema = z.object({ evidence: z.string().optional(), json: z.boolean().default(false) });
const MOST_BYTES = 64 * 1024 * 1024;
/** The newest of the evidence that is kept; older ones are of other series, or of this one as it was. */
const LOOKED_AT = 100;

/** What b4 asks about: a cover letter, or a patch by its message id and its diff. */
interface Asked {
  readonly letter: Letter;
  readonly patch: Patch | undefined;
}

/** @throws HarnessError `usage` `b4.stdin` */
async function readAsked(ctx: Context): Promise<Asked> {
  const content = await ctx.effects.stdin(MOST_BYTES);
  if (content === undefined) throw usageError('b4.stdin', 'standard input is a terminal; b4 gives a patch or a cover letter there', { hint: 'for example: respin b4-check < 0001-ipc-fix.patch' });
  const [letter] = splitMbox(content, 'standard input', undefined).flatMap((mail) => lettersOf(mail));
  if (!letter) throw usageError('b4.stdin', 'standard input is empty; b4 gives a patch or a cover letter there');
  if (!letter.hasDiff) return { letter, patch: undefined };
  const [mail] = await decodeLetters(ctx, [letter], 'standard input');
  return { letter, patch: mail && patchOf(mail, 1) };
}

type About = { readonly kind: 'series' } | { readonly kind: 'patch'; readonly number: number };

interface TestedPatch {
  readonly number: number;
  readonly subject: string;
  readonly digest: string;
  readonly messageId?: string | undefined;
}

/**
 * What of this evidence is asked about; undefined when it is of another series. A message is known by its id: what was
 * posted does not change. A patch of a branch is known by its commit and those below it: on others it was not tested.
 */
async function aboutIn(ctx: Context, evidence: SingleEvidence, { letter, patch }: Asked): Promise<About | undefined> {
  const letters = evidence.kind === 'check' ? [] : evidence.series.letters;
  if (patch === undefined) return letters.some(({ messageId }) => messageId === letter.messageId) ? { kind: 'series' } : undefined;
  const patches: readonly TestedPatch[] = (evidence.kind === 'check' ? (evidence.kernels[0]?.patches ?? []) : evidence.series.patches).filter(({ number }) => number > 0);
  const found = patches.find(({ subject }) => subject === patch.subject);
  if (!found) return undefined;
  const isPosted = letter.messageId !== undefined && found.messageId === letter.messageId && found.digest === patch.digest;
  const isKnown = isPosted || (await isOnBranch(ctx, patches.slice(0, found.number), patch));
  return isKnown ? { kind: 'patch', number: found.number } : undefined;
}

/** How many digits a blob's id has in a diff is the writer's choice. */
function withoutIndex({ diff }: Patch): string {
  return diff.replace(/^index [0-9a-f]+\.\.[0-9a-f]+( \d+)?$/gm, 'index$1');
}

const LOOKED_BACK = 1000;

/** Whether the branch of the repository that b4 runs in has these patches one on the other, the last of them as it is asked about. */
async function isOnBranch(ctx: Context, patches: readonly TestedPatch[], asked: Patch): Promise<boolean> {
  const log = await ctx.effects.processes.run({ file: 'git', args: ['log', '--first-parent', '--no-color', `--max-count=${LOOKED_BACK}`, '--format=%H %s'], cwd: process.cwd(), timeoutMs: 60_000 });
  const commits = log.exitCode === 0 ? log.stdout.trim().split('\n').reverse().map((line) => ({ id: line.slice(0, line.indexOf(' ')), subject: line.slice(line.indexOf(' ') + 1) })) : [];
  const start = commits.findLastIndex((_, index) => patches.every(({ subject }, number) => commits[index + number]?.subject === subject));
  const [first, last] = [commits[start], commits[start + patches.length - 1]];
  if (!first || !last) return false;
  const series = await readSeries(ctx, { text: `git:.#${first.id}^..${last.id}`, packageRoot: packageRoot(), kernelVersion: '0.0', cwd: process.cwd() });
  const commit = series.patches.at(-1);
  const isSame = commit !== undefined && withoutIndex(commit) === withoutIndex(asked);
  return isSame && series.patches.length === patches.length && series.patches.every(({ digest }, index) => digest === patches[index]?.digest);
}

async function answerFrom(ctx: Context, path: string, asked: Asked): Promise<{ readonly result: B4Result; readonly command: string } | undefined> {
  const { evidence } = await readEvidence(ctx, path);
  if (evidence.kind === 'matrix') {
    throw usageError('b4.evidence', `${path} is of a plan, whose cells may say different things of one patch`, { hint: 'name the folder of a cell: the column EVIDENCE of what respin merge or run --plan printed' });
  }
  const about = await aboutIn(ctx, evidence, asked);
  if (about === undefined) return undefined;
  return { result: about.kind === 'series' ? b4Series(evidence) : b4Patch(evidence, about.number), command: commandText(evidence.command) };
}

/** The newest evidence of what is asked about; folders that are being written, or of another respin, are passed over. */
async function newestAnswer(ctx: Context, asked: Asked): Promise<{ readonly result: B4Result; readonly command: string } | undefined> {
  const home = evidenceHome(ctx);
  const names = await ctx.effects.files.readdir(home).catch((): string[] => []);
  for (const name of names.filter((one) => /^\d{8}-\d{6}-/.test(one)).sort().reverse().slice(0, LOOKED_AT)) {
    const answer = await answerFrom(ctx, join(home, name), asked).catch(() => undefined);
    if (answer) return answer;
  }
  return undefined;
}

const NOT_TESTED: B4Result = { tool: 'respin', status: 'warn', summary: 'not tested: there is no evidence of this', details: 'respin walk SERIES tests it patch by patch; respin run SERIES as a whole' };

/**
 * `respin b4-check`: answers b4's check commands about the patch or the cover letter on standard input, from evidence that
 * is there; nothing is built. Returns 0 when it could answer, whatever the answer is.
 */
export async function b4CheckCommand(rawOptions: Readonly<Record<string, unknown>>): Promise<number> {
  const { evidence, json } = optionsSchema.parse(rawOptions);
  const answer = await withSession(async (ctx) => {
    const asked = await readAsked(ctx);
    return evidence === undefined ? newestAnswer(ctx, asked) : answerFrom(ctx, resolve(evidence), asked);
  });
  const result = answer === undefined ? NOT_TESTED : { ...answer.result, details: [answer.result.details, `tested by: ${answer.command}`].filter((part) => part !== '').join('\n') };
  process.stdout.write(json ? jsonDocument([result]) : b4Lines(result));
  return 0;
}
