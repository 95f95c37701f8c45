import { z } from 'zod';

/** Of programs and suites: it becomes a file name in the guest and in the evidence. */
export const SUITE_NAME = /^[\w][\w.-]{0,63}$/;

const NAME_EXPECTED = 'expected a name of letters, digits, "_", "." and "-", such as semundo_read';
const testName = z.string().min(1).max(200);
const reason = z.string('expected a reason in words').trim().min(1, 'expected a reason in words').max(500);

/** Limits of the guest's list of programs (rootfs/guest/runner.c). */
const MAX_ARGS = 40;
const MAX_ENV = 24;
const MAX_WORD = 300;

/** Folders of the guest that something is mounted on, or that are respin's. */
const TAKEN = /^\/(?:proc|sys|dev|tmp|respin|init|bin\/(?:busybox|sh))(?:\/|$)/;

const guestPath = z
  .string()
  .max(200)
  .regex(/^[\w.+@/-]+$/, 'expected a path of letters, digits and "._+@/-", such as data/input.txt or /etc/input.txt')
  .refine((path) => !path.split('/').includes('..') && !path.endsWith('/') && path !== '.', 'expected the path of a file, without ".."')
  .refine((path) => !TAKEN.test(path), 'expected a path that is not below /proc, /sys, /dev, /tmp or /respin: the guest mounts something there');

const expectation = z
  .strictObject({ fails: reason.optional(), skips: reason.optional() })
  .refine(({ fails, skips }) => (fails === undefined) !== (skips === undefined), 'expected either "fails: REASON" or "skips: REASON"');

const word = z.union([z.string(), z.number()]).transform(String).pipe(z.string().max(MAX_WORD).regex(/^[^\0]*$/));

const program = z
  .strictObject({
    name: z.string().regex(SUITE_NAME, NAME_EXPECTED).optional(),
    source: z.string().min(1).optional(),
    program: z.string().min(1).optional(),
    script: z.string().min(1).optional(),
    kselftest: z
      .string()
      .regex(/^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*(?::[\w-][\w.+-]*)?$/, 'expected TARGET or TARGET:PROGRAM, such as ipc:msgque')
      .max(200)
      .optional(),
    args: z.array(word, 'expected a list of arguments, such as [-n, 5]').max(MAX_ARGS).default([]),
    env: z.record(z.string().regex(/^[A-Za-z_]\w{0,63}$/, 'expected a name such as VERBOSE'), word, 'expected NAME: VALUE').default({}),
    files: z
      .array(z.union([z.string().min(1), z.strictObject({ from: z.string().min(1), to: guestPath })], 'expected a path, or from: PATH and to: PATH-IN-THE-GUEST'))
      .max(100)
      .default([]),
    judge: z.enum(['exit', 'ktap', 'auto']).default('auto'),
    timeout: z.union([z.string(), z.number()]).optional(),
    tests: z
      .union([z.array(testName), z.record(testName, z.string().trim().min(1))], 'expected a list of names, or names with what each proves')
      .default([]),
    expect: z.record(testName, expectation).default({}),
    'expect findings': z.record(z.string().min(3, 'expected a part of a title of 3 characters or more').max(200), reason).optional(),
    absent: z.enum(['fail', 'skip']).default('fail'),
    bits: z.union([z.literal(32), z.literal(64)], 'expected 32 or 64').default(64),
    profiles: z.array(z.string()).min(1).optional(),
  })
  .refine((one) => [one.source, one.program, one.script, one.kselftest].filter((from) => from !== undefined).length === 1, {
    message: 'expected one of "source: FILE.c", "program: FILE", "script: FILE" and "kselftest: TARGET:PROGRAM"',
  })
  .refine((one) => Object.keys(one.env).length <= MAX_ENV, { message: `expected at most ${MAX_ENV} variables`, path: ['env'] })
  .refine((one) => one.kselftest === undefined || one.kselftest.includes(':') || Object.keys(one.tests).length === 0, {
    message: 'a whole target names its tests itself; name one of its programs to list tests: kselftest: TARGET:PROGRAM',
    path: ['tests'],
  })
  .refine((one) => one.bits === 64 || one.source !== undefined, { message: 'only what is compiled from "source" can be a 32-bit program', path: ['bits'] });

/** A suite file: docs/suites.md describes every key. */
export const suiteSchema = z.strictObject({
  name: z.string().regex(SUITE_NAME, NAME_EXPECTED).optional(),
  description: z.string().default(''),
  config: z.string().default(''),
  memory: z.union([z.string(), z.number()]).optional(),
  cpus: z.number().optional(),
  /** Added to the kernel command line. */
  append: z.string().default(''),
  /** Suites beside this file whose programs are run too, and are skipped where their interface is absent. */
  include: z.array(z.string().regex(SUITE_NAME)).default([]),
  programs: z.array(program).min(1, 'expected at least one program: a suite without tests proves nothing'),
});

export type SuiteFile = z.output<typeof suiteSchema>;
export type ProgramEntry = SuiteFile['programs'][number];
