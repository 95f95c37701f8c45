/** What a result line says beside `ok` and `not ok`; KTAP's set, and TAP's TODO. */
export type KtapDirective = 'skip' | 'todo' | 'xfail' | 'timeout' | 'error';

export interface KtapCase {
  /** Empty when the line gives none. */
  readonly name: string;
  readonly ok: boolean;
  readonly directive: KtapDirective | undefined;
  /** What stands after the directive, or after `#` without one. */
  readonly detail: string;
  /** The lines that came between the result before and this one: kselftest and KUnit print them first. */
  readonly diagnostics: readonly string[];
  readonly subtests: readonly KtapCase[];
  /** It announced subtests, and none was reported. */
  readonly isEmpty: boolean;
  /** How many subtests were planned and not reported. */
  readonly missing: number;
}

export interface KtapDocument {
  /** As its first line says: `KTAP 1`, `TAP 13`; undefined without such a line. */
  readonly version: string | undefined;
  readonly plan: number | undefined;
  readonly cases: readonly KtapCase[];
  /** Why all was skipped (`1..0 # SKIP why`); undefined when it was not. */
  readonly skipAll: string | undefined;
  /** What stands after `Bail out!`; undefined without it. */
  readonly bailOut: string | undefined;
  /** The lines after the last result. */
  readonly trailing: readonly string[];
  /** Where it contradicts itself: a plan that is not met, numbers out of order, two plans. */
  readonly problems: readonly string[];
}

/** How many diagnostic lines one case keeps: the last ones. */
const MAX_DIAGNOSTICS = 200;
const MAX_PROBLEMS = 20;

const VERSION = /^(K?TAP) version (\d+)\s*$/;
const PLAN = /^1\.\.(\d{1,9})(?:\s*#\s*(.*))?$/;
const SUBTEST = /^# Subtest(?:: ?(.*))?$/;
const RESULT = /^(ok|not ok)(?: +(\d{1,9}))?(?: (.*)|\s*)$/;
const BAIL_OUT = /^Bail out!\s*(.*)$/i;
/** TAP takes any word that begins with "skip"; the others stand alone. */
const DIRECTIVE = /^(?:(skip)\w*|(todo|xfail|timeout|error)\b):?\s*(.*)$/i;

/** The tests of one level that have been read so far. */
interface Level {
  readonly indent: number;
  /** As `# Subtest: NAME` says. */
  name: string | undefined;
  version: string | undefined;
  plan: number | undefined;
  readonly cases: KtapCase[];
}

function missingIn({ plan = 0, cases }: Level): number {
  return Math.max(0, plan - cases.length);
}

function directiveOf(text: string): Pick<KtapCase, 'directive' | 'detail'> {
  const match = DIRECTIVE.exec(text);
  if (!match) return { directive: undefined, detail: text };
  const [, skip, word = skip ?? '', detail = ''] = match;
  return { directive: word.toLowerCase() as KtapDirective, detail: detail.trim() };
}

/** Cuts `name # directive`; a `#` that is escaped is part of the name (TAP 14). */
function describe(text: string): Pick<KtapCase, 'name' | 'directive' | 'detail'> {
  const cut = text.search(/(?<!\\)#/);
  const name = (cut < 0 ? text : text.slice(0, cut))
    .trim()
    .replace(/^- ?/, '')
    .replace(/\\([#\\])/g, '$1');
  const comment = cut < 0 ? { directive: undefined, detail: '' } : directiveOf(text.slice(cut + 1).trim());
  // kselftest.h writes `ok 1 # SKIP name`: what looks like the reason is the only name there is.
  return name === '' && comment.directive !== undefined ? { ...comment, name: comment.detail } : { ...comment, name };
}

/**
 * Reads KTAP 1 (Documentation/dev-tools/ktap.rst) and TAP 12 to 14. Text that is none of it is diagnostics.
 *
 * Diagnostics belong to the result that follows them; a YAML block, as TAP has it, to the one before. A deeper level
 * starts with a version line, a plan or `# Subtest`, indented, and ends with the next result at a lesser indentation,
 * whose subtests it is. A plan may stand first or last, or be absent.
 */
export function parseKtap(lines: readonly string[]): KtapDocument {
  const root: Level = { indent: 0, name: undefined, version: undefined, plan: undefined, cases: [] };
  const levels: Level[] = [root];
  const problems: string[] = [];
  let skipAll: string | undefined;
  let bailOut: string | undefined;
  let pending: string[] = [];
  let yamlIndent: number | undefined;

  const problem = (text: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push(text);
  };
  const keep = (line: string): void => {
    pending.push(line);
    if (pending.length > 2 * MAX_DIAGNOSTICS) pending = pending.slice(-MAX_DIAGNOSTICS);
  };
  const takePending = (): readonly string[] => {
    const taken = pending.slice(-MAX_DIAGNOSTICS);
    pending = [];
    return taken;
  };
  const top = (): Level => levels.at(-1) ?? root;
  const checkPlan = (level: Level, where: string): void => {
    if (level.plan !== undefined && level.plan !== level.cases.length) {
      problem(`${where}: ${String(level.plan)} were planned and ${String(level.cases.length)} reported`);
    }
  };
  /** The level that a header at this indentation starts or belongs to. */
  const levelAt = (indent: number): Level => {
    while (top().indent > indent) closeOrphan();
    if (indent > top().indent) levels.push({ indent, name: undefined, version: undefined, plan: undefined, cases: [] });
    return top();
  };
  /** Ends a level whose parent has no result of its own: its cases must not be lost. */
  const closeOrphan = (): void => {
    const orphan = levels.pop();
    if (!orphan) return;
    checkPlan(orphan, 'subtests');
    problem('subtests without a result of the test that holds them');
    if (orphan.name === undefined) {
      top().cases.push(...orphan.cases);
      return;
    }
    const { name, cases } = orphan;
    const rest = { isEmpty: cases.length === 0, missing: missingIn(orphan) };
    top().cases.push({ name, ok: false, directive: undefined, detail: 'it came to no result of its own', diagnostics: takePending(), subtests: cases, ...rest });
  };

  const takeResult = (indent: number, [, ok, number, text = '']: RegExpExecArray): boolean => {
    if (indent > top().indent) return false;
    // Levels in between have no result line; the deepest one's cases move up to where this result can take them.
    let subtests: readonly KtapCase[] = [];
    let isEmpty = false;
    let missing = 0;
    while (top().indent > indent) {
      const inner = levels.pop();
      if (!inner) break;
      const isDirect = top().indent <= indent;
      checkPlan(inner, 'subtests');
      if (isDirect) {
        subtests = inner.cases;
        isEmpty = inner.cases.length === 0;
        missing = missingIn(inner);
      }
      else top().cases.push(...inner.cases);
    }
    const level = top();
    const description = describe(text);
    level.cases.push({ ...description, ok: ok === 'ok', diagnostics: takePending(), subtests, isEmpty, missing });
    if (number !== undefined && Number(number) !== level.cases.length) {
      problem(`result ${number} stands where ${String(level.cases.length)} was due`);
    }
    return true;
  };

  const takePlan = (indent: number, [, count = '', comment = '']: RegExpExecArray): void => {
    const level = levelAt(indent);
    if (level.plan !== undefined) problem('two plans');
    level.plan = Number(count);
    const { directive, detail } = directiveOf(comment);
    if (level === root && level.plan === 0) skipAll = directive === 'skip' ? detail : skipAll;
  };

  const takeVersion = (indent: number, [, dialect = '', version = '']: RegExpExecArray): void => {
    const level = levelAt(indent);
    if (level.cases.length > 0) problem('a version line after results');
    level.version = `${dialect} ${version}`;
  };

  for (const line of lines) {
    const text = line.trimStart();
    const indent = line.length - text.length;
    if (yamlIndent !== undefined) {
      if (indent === yamlIndent && text.trimEnd() === '...') yamlIndent = undefined;
      else appendDiagnostic(top().cases, line);
      continue;
    }
    const version = VERSION.exec(text);
    const plan = PLAN.exec(text);
    const result = RESULT.exec(text);
    const bail = BAIL_OUT.exec(text);
    const subtest = SUBTEST.exec(text);
    if (version) takeVersion(indent, version);
    else if (plan) takePlan(indent, plan);
    else if (subtest && indent > 0) levelAt(indent).name ??= subtest[1]?.trim() || undefined;
    else if (bail && bailOut === undefined) bailOut = bail[1] ?? '';
    else if (result && takeResult(indent, result)) continue;
    else if (text.trimEnd() === '---' && indent > 0 && pending.length === 0 && top().cases.length > 0) yamlIndent = indent;
    else if (text !== '') keep(line);
  }
  while (levels.length > 1) closeOrphan();
  checkPlan(root, 'tests');
  return {
    version: root.version,
    plan: root.plan,
    cases: root.cases,
    skipAll,
    bailOut,
    trailing: pending.slice(-MAX_DIAGNOSTICS),
    problems,
  };
}

function appendDiagnostic(cases: KtapCase[], line: string): void {
  const last = cases.pop();
  if (!last) return;
  cases.push(last.diagnostics.length < 2 * MAX_DIAGNOSTICS ? { ...last, diagnostics: [...last.diagnostics, line] } : last);
}
