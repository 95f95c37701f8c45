// Which verdicts fail the job.
import { refuse, VERDICTS, words } from './steps.mjs';

const KNOWN = Object.values(VERDICTS).filter((name) => name !== 'good');

/** The verdicts that fail the job, as the input says. */
export function failOn() {
  const named = words('FAIL_ON').flatMap((word) => word.split(',')).filter(Boolean);
  const unknown = named.find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) refuse(`fail-on: "${unknown.slice(0, 80)}" is no verdict that can fail a job; there is: ${KNOWN.join(', ')}`);
  return named.length === 0 ? KNOWN : named;
}
