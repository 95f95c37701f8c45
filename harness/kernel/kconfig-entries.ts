import { ALWAYS, and, type Condition } from './condition.js';
import { parseExpression } from './kconfig-expression.js';

/** One definition of an option. */
export interface KconfigEntry {
  readonly name: string;
  readonly type: 'bool' | 'tristate' | 'other';
  /** When a person may set it; undefined when only others can. */
  readonly prompt: Condition | undefined;
  /** Its own `depends on`, and that of the menus, choices and `if`s around it. */
  readonly depends: Condition;
  readonly selects: readonly { readonly name: string; readonly when: Condition }[];
}

interface Making {
  readonly name: string;
  readonly around: Condition;
  type: KconfigEntry['type'];
  prompt: Condition | undefined;
  depends: Condition;
  readonly selects: { readonly name: string; readonly when: Condition }[];
}

interface Block {
  readonly kind: 'if' | 'menu' | 'choice';
  condition: Condition;
}

/** A Kconfig file that includes itself is nobody's either. */
const MAX_FILES = 5000;
const MAX_DEPTH = 30;

/** The text in front of a last `if`, and what stands behind it. */
function splitIf(text: string): { readonly head: string; readonly when: Condition } {
  const at = text.search(/\bif\s+(?=[^"]*$)/);
  return at < 0 ? { head: text.trim(), when: ALWAYS } : { head: text.slice(0, at).trim(), when: parseExpression(text.slice(at + 2)) };
}

function logicalLines(text: string): readonly string[] {
  return text.replace(/\\\n/g, ' ').split('\n');
}

/**
 * Reads the options of an architecture from the Kconfig files of a tree (Documentation/kbuild/kconfig-language.rst).
 * @param read gives the text of a file of the tree; undefined when it is not there
 */
export async function readKconfig(read: (path: string) => Promise<string | undefined>, arch = 'x86'): Promise<ReadonlyMap<string, readonly KconfigEntry[]>> {
  const entries = new Map<string, Making[]>();
  const blocks: Block[] = [];
  let files = 0;
  const around = (): Condition => and(...blocks.map(({ condition }) => condition));

  const readFile = async (path: string, depth: number): Promise<void> => {
    files += 1;
    const text = files > MAX_FILES || depth > MAX_DEPTH ? undefined : await read(path);
    if (text === undefined) return;
    let current: Making | Block | undefined;
    let helpIndent: number | undefined;
    for (const line of logicalLines(text)) {
      const trimmed = line.trim();
      if (helpIndent !== undefined) {
        if (trimmed === '') continue;
        const indent = line.replace(/\t/g, '        ').search(/\S/);
        if (helpIndent < 0 ? indent > 0 : indent >= helpIndent) {
          if (helpIndent < 0) helpIndent = indent;
          continue;
        }
        helpIndent = undefined;
      }
      if (trimmed === '' || trimmed.startsWith('#')) continue;
      const [, word = '', rest = ''] = /^([\w-]+)\s*(.*)$/.exec(trimmed) ?? [];
      switch (word) {
        case 'config':
        case 'menuconfig': {
          const made: Making = { name: rest.trim(), around: around(), type: 'other', prompt: undefined, depends: ALWAYS, selects: [] };
          const same = entries.get(made.name);
          if (same) same.push(made);
          else entries.set(made.name, [made]);
          current = made;
          break;
        }
        case 'menu':
        case 'choice':
          current = { kind: word, condition: ALWAYS };
          blocks.push(current);
          break;
        case 'if':
          blocks.push({ kind: 'if', condition: parseExpression(rest) });
          current = undefined;
          break;
        case 'endif':
        case 'endmenu':
        case 'endchoice':
          blocks.pop();
          current = undefined;
          break;
        case 'comment':
        case 'mainmenu':
          current = undefined;
          break;
        case 'source': {
          const named = rest.trim().replace(/^"(.*)"$/, '$1').replaceAll('$(SRCARCH)', arch);
          current = undefined;
          await readFile(named, depth + 1);
          break;
        }
        case 'help':
          helpIndent = -1;
          break;
        default:
          if (current) property(current, word, rest);
      }
    }
  };
  await readFile('Kconfig', 0);
  return new Map(
    [...entries].map(([name, made]) => [
      name,
      made.map(({ type, prompt, depends, selects, around: outer }): KconfigEntry => ({ name, type, prompt, depends: and(outer, depends), selects })),
    ]),
  );
}

function property(current: Making | Block, word: string, rest: string): void {
  if (word === 'depends') {
    const condition = parseExpression(rest.replace(/^on\s+/, ''));
    if ('kind' in current) current.condition = and(current.condition, condition);
    else current.depends = and(current.depends, condition);
    return;
  }
  if ('kind' in current) return;
  switch (word) {
    case 'bool':
    case 'tristate':
      current.type = word;
      if (rest.trim() !== '') current.prompt = splitIf(rest).when;
      break;
    case 'int':
    case 'hex':
    case 'string':
      if (rest.trim() !== '') current.prompt = splitIf(rest).when;
      break;
    case 'def_bool':
    case 'def_tristate':
      current.type = word === 'def_bool' ? 'bool' : 'tristate';
      break;
    case 'prompt':
      current.prompt = splitIf(rest).when;
      break;
    case 'select': {
      const { head, when } = splitIf(rest);
      current.selects.push({ name: head, when });
      break;
    }
  }
}
