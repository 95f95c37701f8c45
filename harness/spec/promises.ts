import type { Promises, SuiteProgram } from '../model.js';
import { testNames } from './suite.js';

/** Whether a program may report a test of this name. */
function mayReport(program: SuiteProgram, test: string): boolean {
  if (testNames(program).includes(test)) return true;
  return program.tests.length === 0 && program.judge !== 'exit' && test.startsWith(`${program.name}.`);
}

/**
 * The promises of a series that are judged here. One of a program that is for other profiles is judged there. When the user
 * names the tests, a promise about others is not judged; when the series names them, a test that is nowhere breaks its promise.
 * @param left programs that are left out because of the profile
 */
export function judgedPromises(
  promises: Promises,
  programs: readonly SuiteProgram[],
  { left, named }: { readonly left: readonly SuiteProgram[]; readonly named: boolean },
): Promises {
  const elsewhere = new Set(left.flatMap(testNames));
  const judged = Object.entries(promises).filter(([test]) => !elsewhere.has(test) && (!named || programs.some((program) => mayReport(program, test))));
  return Object.fromEntries(judged);
}
