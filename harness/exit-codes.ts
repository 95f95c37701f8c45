/** What respin ends with. */
export const EXIT = { good: 0, bad: 1, usage: 2, host: 3, untestable: 125, interrupted: 130 } as const;

/** git bisect run takes every code below 128 for a judgement of the commit: with --bisect an error is 128 and its code. */
const ABOVE_JUDGEMENTS = 128;

/** The exit code for an error of this request. */
export function errorExit(args: readonly string[], code: number): number {
  const isStep = args[0] === 'run' && args.includes('--bisect');
  return isStep && code < ABOVE_JUDGEMENTS ? ABOVE_JUDGEMENTS + code : code;
}
