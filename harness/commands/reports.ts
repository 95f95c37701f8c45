import { randomUUID } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Context } from '../context.js';
import { errnoOf, hostError, usageError } from '../errors.js';
import type { KnownEvidence, SingleEvidence } from '../evidence/kinds.js';
import { readEvidence } from '../evidence/read.js';
import { readConsole } from '../evidence/read-console.js';
import type { ConsoleText } from '../report/console-text.js';
import { REPORT_FORMATS, renderReport, type ReportFormat, type ReportInput } from '../report/formats.js';
import { sidesOf } from '../report/sides.js';

/** A report that is asked for. */
export interface WantedReport {
  readonly format: ReportFormat;
  /** Absolute; undefined for standard output. */
  readonly path: string | undefined;
}

/** Reports that go beside what a command prints, and who tested. */
export interface ReportRequest {
  readonly reports: readonly WantedReport[];
  readonly testedBy: string | undefined;
}

/** What was judged, and where its evidence lies; a check that is not kept lies nowhere. */
interface Judged {
  readonly evidence: KnownEvidence;
  readonly folder: string | undefined;
}

const optionsSchema = z.object({ report: z.array(z.string()).default([]), testedBy: z.string().optional() });

/** @throws HarnessError `usage` `report.format` */
function formatNamed(name: string, option: string): ReportFormat {
  const format = REPORT_FORMATS.find((one) => one === name);
  if (format !== undefined) return format;
  throw usageError('report.format', `${option}: there is no format "${name.slice(0, 60)}"; there is: ${REPORT_FORMATS.join(', ')}`, { hint: `write it like ${option} html=report.html` });
}

/**
 * Reads `text,json` and `html=PATH`; a path goes to the end, commas and all.
 * @throws HarnessError `usage` `report.format`, `report.path` for a path that is empty
 */
export function parseFormats(texts: readonly string[], option: string, cwd: string): readonly WantedReport[] {
  return texts.flatMap((text) => {
    const equals = text.indexOf('=');
    const names = (equals < 0 ? text : text.slice(0, equals)).split(',');
    const path = equals < 0 ? undefined : text.slice(equals + 1);
    if (path === '') throw usageError('report.path', `${option} ${text.slice(0, 60)} names no file`, { hint: `write it like ${option} html=report.html` });
    return names.map((name, index) => ({ format: formatNamed(name.trim(), option), path: path === undefined || index < names.length - 1 ? undefined : resolve(cwd, path) }));
  });
}

/** @throws HarnessError `usage` `report.tested-by` */
export function parseTestedBy(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^[^<>\u0000-\u001f\u007f]{1,200} <[^\s<>@]{1,200}@[\w.-]{1,200}>$/.test(text)) return text;
  throw usageError('report.tested-by', `--tested-by ${text.slice(0, 80)} is no name with an address`, { hint: 'write it like --tested-by "Ada Lovelace <ada@example.org>"' });
}

/**
 * What `--report` and `--tested-by` of a command that judges ask for, looked at before hours go into it.
 * @param several a command that judges several requests has no one evidence to report
 * @throws HarnessError `usage` `report.format`, `report.path`, `report.several`, `report.tested-by`
 */
export async function reportRequest(ctx: Context, rawOptions: Readonly<Record<string, unknown>>, several = false): Promise<ReportRequest> {
  const { report, testedBy } = optionsSchema.parse(rawOptions);
  const reports = parseFormats(report, '--report', process.cwd());
  const bare = reports.find(({ path }) => path === undefined);
  if (bare) throw usageError('report.path', `--report ${bare.format} names no file: standard output has what the command itself prints`, { hint: `write it like --report ${bare.format}=PATH` });
  if (several && reports.length > 0) throw usageError('report.several', 'several profiles are judged, and --report is for one', { hint: 'name it with --profile, or make the reports of each with: respin report EVIDENCE' });
  for (const { path } of reports) if (path !== undefined) await refuseUnwritable(ctx, path);
  return { reports, testedBy: parseTestedBy(testedBy) };
}

/** @throws HarnessError `usage` `report.path` */
async function refuseUnwritable(ctx: Pick<Context, 'effects'>, path: string): Promise<void> {
  const { files } = ctx.effects;
  const folder = await files.stat(dirname(path)).catch(() => undefined);
  const there = await files.stat(path).catch(() => undefined);
  if (!folder?.isDirectory()) throw usageError('report.path', `${path}: its folder is not there`, { hint: `type: mkdir -p ${dirname(path)}` });
  if (there?.isDirectory()) throw usageError('report.path', `${path} is a folder; expected the name of a file`);
}

/** The consoles that evidence names, as far as they lie beside it. */
async function consolesOf(ctx: Pick<Context, 'effects'>, evidence: KnownEvidence, folder: string): Promise<ReadonlyMap<string, ConsoleText>> {
  const found = new Map<string, ConsoleText>();
  for (const { side } of sidesOf(evidence)) {
    for (const { console, consoleDigest } of side.boots) {
      const read = await readConsole(ctx, folder, console);
      if (read) found.set(console, { head: read.head, left: read.left, tail: read.tail, isOther: consoleDigest !== undefined && consoleDigest !== read.digest });
    }
  }
  return found;
}

/**
 * The evidence of the cells of a plan that came to a verdict, in order.
 * @throws HarnessError as `readEvidence` for a cell that is not there
 */
async function cellsOf(ctx: Pick<Context, 'effects'>, evidence: KnownEvidence, folder: string): Promise<readonly SingleEvidence[]> {
  const found: SingleEvidence[] = [];
  for (const { id, outcome } of evidence.kind === 'matrix' ? evidence.cells : []) {
    if (outcome.kind !== 'judged') continue;
    const cell = await readEvidence(ctx, join(folder, 'cells', id), 'the folder of a plan holds that of each of its cells: copy it whole');
    if (cell.evidence.kind !== 'matrix') found.push(cell.evidence);
  }
  return found;
}

/**
 * Makes reports: those with a path are written, each whole or not at all, and what the others say is returned, in order.
 * @throws HarnessError `usage` `report.path`, `host` `report.write`
 */
export async function makeReports(ctx: Context, evidence: KnownEvidence, folder: string | undefined, { reports, testedBy }: ReportRequest): Promise<string> {
  if (reports.length === 0) return '';
  const needsConsoles = folder !== undefined && reports.some(({ format }) => format === 'html');
  const needsCells = folder !== undefined && reports.some(({ format }) => format === 'kcidb');
  const input: ReportInput = {
    ...{ evidence, folder, testedBy },
    consoles: needsConsoles ? await consolesOf(ctx, evidence, folder) : new Map(),
    cells: needsCells ? await cellsOf(ctx, evidence, folder) : [],
  };
  const printed: string[] = [];
  for (const { format, path } of reports) {
    const text = renderReport(format, input);
    if (path === undefined) printed.push(text);
    else await writeReport(ctx, path, text, folder);
  }
  return printed.join('\n');
}

/** What a command prints in the end, and its exit code. */
export interface Printed {
  readonly text: string;
  readonly exitCode: number;
}

/**
 * The end of every command that judges: makes the reports that are asked for, and what the command itself prints, which is text or
 * with `--json` one document.
 * @throws HarnessError as `makeReports`
 */
export async function finish(ctx: Context, { evidence, folder }: Judged, wanted: ReportRequest, options: Readonly<Record<string, unknown>>): Promise<Printed> {
  await makeReports(ctx, evidence, folder, wanted);
  const isJson = options['json'] === true;
  const text = renderReport(isJson ? 'json' : 'text', { evidence, folder, consoles: new Map(), cells: [], testedBy: undefined });
  // What is watched stands above it on a terminal.
  return { text: isJson ? text : `\n${text}`, exitCode: evidence.kind === 'check' ? evidence.exitCode : evidence.verdict.exitCode };
}

async function writeReport(ctx: Context, path: string, text: string, folder: string | undefined): Promise<void> {
  await refuseUnwritable(ctx, path);
  const { files } = ctx.effects;
  const there = await files.stat(path).catch(() => undefined);
  // A pipe or a device is written to, never replaced.
  const temporary = there === undefined || there.isFile() ? join(dirname(path), `.respin-${randomUUID()}`) : undefined;
  try {
    await files.writeFile(temporary ?? path, text);
    if (temporary !== undefined) await files.rename(temporary, path);
  } catch (thrown) {
    if (temporary !== undefined) await files.rm(temporary, { force: true });
    const hint = folder === undefined ? undefined : `the evidence is whole; make the report again with: respin report ${folder}`;
    throw hostError('report.write', `cannot write ${path}: ${errnoOf(thrown) ?? String(thrown)}`, { cause: thrown, hint });
  }
}
