import type { Diagnostic } from '../model.js';

/** What makes two messages of the compiler one: lines move from kernel to kernel; what is said of which file does not. */
export function diagnosticKey({ file, message }: Pick<Diagnostic, 'file' | 'message'>): string {
  return `${file}\0${message}`;
}
