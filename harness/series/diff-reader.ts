/** Thrown inside the diff parser alone, for what is not a diff that git takes. */
export class Malformed extends Error {
  readonly line: number;
  constructor(line: number, problem: string) {
    super(problem);
    this.line = line;
  }
}

/** Goes through the lines of a diff, one way. */
export class Reader {
  readonly #lines: readonly string[];
  #index = 0;
  /** Bytes before the current line. */
  offset = 0;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  get done(): boolean {
    return this.#index >= this.#lines.length;
  }

  /** Of the current line, from 1. */
  get line(): number {
    return this.#index + 1;
  }

  /** A line with its newline; empty behind the last one. */
  peek(ahead = 0): string {
    return this.#lines[this.#index + ahead] ?? '';
  }

  next(): string {
    const line = this.peek();
    this.#index += 1;
    this.offset += line.length;
    return line;
  }
}

export function withoutNewline(line: string): string {
  return line.endsWith('\n') ? line.slice(0, -1) : line;
}
