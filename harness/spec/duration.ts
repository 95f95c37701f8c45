import { usageError } from '../errors.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Milliseconds of `90s`, `5m`, `1h`, `500ms`; a bare number is seconds.
 * @throws HarnessError `usage` `duration.invalid`
 */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)?$/.exec(text.trim());
  const ms = match ? Number(match[1]) * (UNITS[match[2] ?? 's'] ?? 0) : 0;
  if (ms <= 0) {
    throw usageError('duration.invalid', `"${text}" is not a duration`, { hint: 'write it like 90s, 5m or 1h' });
  }
  return ms;
}
