import { ALWAYS, NEVER, and, not, option, or, type Condition } from './condition.js';

const TOKEN = /\s*(?:(\|\||&&|!=|<=|>=|[!=<>()])|"([^"]*)"|'([^']*)'|(\$\((?:[^()]|\([^()]*\))*\))|([\w.-]+))/y;

type Token = { readonly kind: 'sign'; readonly text: string } | { readonly kind: 'word' | 'text' | 'macro'; readonly text: string };

function tokensOf(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    if (text.slice(TOKEN.lastIndex).trim() === '') break;
    const found = TOKEN.exec(text);
    if (!found) return undefined;
    const [, sign, double, single, macro, word] = found;
    if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else if (macro !== undefined) tokens.push({ kind: 'macro', text: macro });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: 'text', text: double ?? single ?? '' });
  }
  return tokens;
}

/** A deeper expression is nobody's. */
const MAX_DEPTH = 50;

/**
 * Reads an expression of a Kconfig file (Documentation/kbuild/kconfig-language.rst, "Menu dependencies"). Macros such as
 * `$(cc-option,-m)` are unknown, as are comparisons of values.
 */
export function parseExpression(text: string): Condition {
  const unknown: Condition = { kind: 'unknown', text: text.trim().slice(0, 200) };
  const tokens = tokensOf(text);
  if (!tokens) return unknown;
  let at = 0;
  const faults: number[] = [];
  const fail = (): Condition => {
    faults.push(at);
    return unknown;
  };
  const takes = (sign: string): boolean => {
    const token = tokens[at];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    at += 1;
    return true;
  };
  const anyOf = (depth: number): Condition => {
    const parts = [allOf(depth)];
    while (takes('||')) parts.push(allOf(depth));
    return or(...parts);
  };
  const allOf = (depth: number): Condition => {
    const parts = [one(depth)];
    while (takes('&&')) parts.push(one(depth));
    return and(...parts);
  };
  const one = (depth: number): Condition => {
    if (depth > MAX_DEPTH) return fail();
    if (takes('!')) return not(one(depth + 1));
    if (takes('(')) {
      const inner = anyOf(depth + 1);
      return takes(')') ? inner : fail();
    }
    const token = tokens[at];
    if (!token || token.kind === 'sign') return fail();
    at += 1;
    const next = tokens[at];
    if (next?.kind !== 'sign' || !['=', '!=', '<', '>', '<=', '>='].includes(next.text)) return symbol(token);
    at += 1;
    const other = tokens[at];
    at += 1;
    return other && other.kind !== 'sign' ? comparison(token, next.text, other) : fail();
  };
  const whole = anyOf(0);
  return at === tokens.length && faults.length === 0 ? whole : unknown;
}

function symbol({ kind, text }: Token): Condition {
  if (text === 'y' || text === 'm') return ALWAYS;
  if (text === 'n') return NEVER;
  return kind === 'word' ? option(text) : { kind: 'unknown', text };
}

function comparison(left: Token, sign: string, right: Token): Condition {
  const unknown: Condition = { kind: 'unknown', text: `${left.text}${sign}${right.text}` };
  if (left.kind !== 'word' || !/^[ymn]$/.test(right.text)) return unknown;
  const is = right.text === 'n' ? not(option(left.text)) : option(left.text);
  return sign === '=' ? is : sign === '!=' ? not(is) : unknown;
}
