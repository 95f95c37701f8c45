/** A text as the source of a regular expression that matches it and nothing else. */
export function literalPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** A name as a pattern of find(1) that matches it and nothing else. */
export function literalGlob(name: string): string {
  return name.replace(/[\\*?[\]]/g, '\\$&');
}
