import { describe, expect, it } from 'vitest';
import { extractKtap } from '../../../harness/results/ktap-extract.js';
import { parseKtap } from '../../../harness/results/ktap.js';

const parse = (text: string): ReturnType<typeof parseKtap> => parseKtap(text.split('\n'));
const outline = (text: string): readonly string[] =>
  parse(text).cases.map(({ name, ok, directive }) => `${ok ? 'ok' : 'not ok'} ${name}${directive ? ` #${directive}` : ''}`);

describe('a flat document', () => {
  it('gives version, plan and cases', () => {
    expect(parse('TAP version 13\n1..2\nok 1 first\nnot ok 2 - second one')).toMatchObject({
      version: 'TAP 13',
      plan: 2,
      cases: [
        { name: 'first', ok: true },
        { name: 'second one', ok: false },
      ],
      problems: [],
    });
  });

  it('knows a version line, and what is none', () => {
    expect(parse('KTAP version 1 \n1..0').version).toBe('KTAP 1');
    expect(parse('KTAP version 1x\n1..0').version).toBeUndefined();
  });

  it('ends where a test bails out, and not where one talks of it', () => {
    expect(parse('1..1\nBail out! no disk').bailOut).toBe('no disk');
    expect(parse('1..1\nno Bail out! yet').bailOut).toBeUndefined();
  });

  it('takes a number of more than one digit, and none of more than nine', () => {
    const eleven = Array.from({ length: 11 }, (_, index) => `ok ${index + 1} case`).join('\n');
    expect(parse(eleven)).toMatchObject({ problems: [] });
    expect(new Set(outline(eleven))).toEqual(new Set(['ok case']));
    expect(outline('ok 1234567890 a')).toEqual(['ok 1234567890 a']);
  });

  it('takes a plan at the end, and none', () => {
    expect(parse('ok 1 a\nok 2 b\n1..2')).toMatchObject({ plan: 2, problems: [] });
    expect(parse('ok 1 a')).toMatchObject({ plan: undefined, problems: [] });
  });

  it('takes results without number or name', () => {
    expect(outline('ok\nnot ok 2\nok 3')).toEqual(['ok ', 'not ok ', 'ok ']);
    expect(parse('ok\nnot ok 2\nok a').problems).toEqual([]);
  });

  it.each([
    ['ok 1 a # SKIP no root', 'ok a #skip'],
    ['not ok 1 a # skip', 'not ok a #skip'],
    ['ok 1 a # skipped: no root', 'ok a #skip'],
    ['not ok 1 a # TODO later', 'not ok a #todo'],
    ['ok 1 # SKIP the name after it', 'ok the name after it #skip'],
    ['ok 1 # XFAIL named', 'ok named #xfail'],
    ['not ok 1 a # TIMEOUT 30 s', 'not ok a #timeout'],
    ['not ok 1 a # ERROR no file', 'not ok a #error'],
    ['ok 1 return code # rcode=0', 'ok return code'],
    ['ok 1 number \\#3', 'ok number #3'],
    ['ok 1 a # skipping is no directive word by itself', 'ok a #skip'],
  ])('%s', (line, expected) => {
    expect(outline(line)).toEqual([expected]);
  });

  it('does not take other words for results', () => {
    expect(parse('okay 1 a\nnot okay\nnothing\nok1 a').cases).toEqual([]);
  });

  it('gives diagnostics to the result that follows, and the rest to none', () => {
    const { cases, trailing } = parse('# about a\nplain text\nok 1 a\n# about b\nok 2 b\n# Totals: pass:2');
    expect(cases.map(({ diagnostics }) => diagnostics)).toEqual([['# about a', 'plain text'], ['# about b']]);
    expect(trailing).toEqual(['# Totals: pass:2']);
  });

  it('keeps no empty lines', () => {
    expect(parse('\n# about a\n  \nok 1 a\n\n')).toMatchObject({ cases: [{ diagnostics: ['# about a'] }], trailing: [] });
  });

  it('gives a YAML block to the result before it, whatever stands in it', () => {
    const { cases } = parse('not ok 1 a\n  ---\n  ok 2 forged\n  ...\nok 2 b');
    expect(cases.map(({ name, diagnostics }) => [name, diagnostics])).toEqual([
      ['a', ['  ok 2 forged']],
      ['b', []],
    ]);
  });

  it.each([
    ['1..3\nok 1 a\nok 2 b', /3 were planned and 2/],
    ['1..1\nok 1 a\nok 2 b', /1 were planned and 2/],
    ['ok 1 a\nok 3 b', /result 3 stands where 2/],
    ['1..1\nok 1 a\n1..1', /two plans/],
    ['ok 1 a\nTAP version 13\nok 2 b', /version line after results/],
  ])('names what does not fit: %j', (text, problem) => {
    expect(parse(text).problems[0]).toMatch(problem);
  });

  it('knows a document that is skipped or given up as a whole', () => {
    expect(parse('1..0 # SKIP no such syscall')).toMatchObject({ skipAll: 'no such syscall', cases: [] });
    expect(parse('1..0').skipAll).toBeUndefined();
    expect(parse('ok 1 a\nBail out! no memory')).toMatchObject({ bailOut: 'no memory' });
  });
});

describe('nested documents', () => {
  it('takes the example of ktap.rst', () => {
    const text = `KTAP version 1
1..1
  KTAP version 1
  1..3
    KTAP version 1
    1..1
    # test_1: initializing test_1
    ok 1 test_1
  ok 1 example_test_1
    KTAP version 1
    1..2
    ok 1 test_1 # SKIP test_1 skipped
    ok 2 test_2
  ok 2 example_test_2
    KTAP version 1
    1..3
    ok 1 test_1
    # test_2: FAIL
    not ok 2 test_2
    ok 3 test_3 # SKIP test_3 skipped
  not ok 3 example_test_3
not ok 1 main_test`;
    const { cases, problems } = parse(text);
    expect(problems).toEqual([]);
    expect(cases).toHaveLength(1);
    expect(cases[0]?.subtests.map(({ name, subtests }) => [name, subtests.map((sub) => sub.name)])).toEqual([
      ['example_test_1', ['test_1']],
      ['example_test_2', ['test_1', 'test_2']],
      ['example_test_3', ['test_1', 'test_2', 'test_3']],
    ]);
    expect(cases[0]?.subtests[2]?.subtests[1]?.diagnostics).toEqual(['    # test_2: FAIL']);
  });

  it("takes KUnit's and TAP 14's Subtest lines", () => {
    const { cases, problems } = parse('TAP version 14\n1..1\n    # Subtest: suite\n    1..2\n    ok 1 - a\n    not ok 2 - b\nnot ok 1 - suite');
    expect(problems).toEqual([]);
    expect(cases[0]).toMatchObject({ name: 'suite', subtests: [{ name: 'a' }, { name: 'b' }] });
  });

  it('does not take indented text for a subtest without a header', () => {
    expect(parse('  ok 1 just text\nok 1 a')).toMatchObject({ cases: [{ name: 'a', subtests: [] }], problems: [] });
  });

  it('keeps subtests whose parent never reported, and says so', () => {
    const { cases, problems } = parse('KTAP version 1\n1..1\n  KTAP version 1\n  1..2\n  ok 1 a\n');
    expect(cases.map(({ name }) => name)).toEqual(['a']);
    expect(problems).toEqual(['subtests: 2 were planned and 1 reported', 'subtests without a result of the test that holds them']);
  });

  it('counts the subtests that were planned and did not come', () => {
    const { cases } = parse('KTAP version 1\n1..1\n  KTAP version 1\n  1..3\n  ok 1 a\nnot ok 1 p');
    expect(cases).toMatchObject([{ name: 'p', missing: 2, isEmpty: false, subtests: [{ name: 'a', missing: 0 }] }]);
  });

  it('names a plan of subtests that is not met', () => {
    expect(parse('  KTAP version 1\n  1..2\n  ok 1 a\nok 1 p').problems).toEqual(['subtests: 2 were planned and 1 reported']);
  });
});

describe("a kernel's log", () => {
  it('is read from its first version line to the end of the tests, without what stands in front', () => {
    const lines = ['[    1.0] ok 1 before', '[    1.1] KTAP version 1', '[    1.2] ok 1 a', '[    1.3] reboot: System halted', '[    1.4] ok 2 after'];
    expect(extractKtap(lines)).toEqual(['KTAP version 1', 'ok 1 a']);
    expect(extractKtap(['no document', 'TAP version x'])).toBeUndefined();
  });
});

describe('hostile text', () => {
  it('is bounded in what it keeps', () => {
    const { cases, problems, trailing } = parse(`${'# noise\n'.repeat(5000)}ok 1 a\n${'1..1\n'.repeat(500)}${'x\n'.repeat(5000)}`);
    expect(cases[0]?.diagnostics).toHaveLength(200);
    expect(trailing).toHaveLength(200);
    expect(problems.length).toBeLessThanOrEqual(20);
  });

  it('takes a deep stair of headers', () => {
    const stair = Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}1..1`);
    expect(parseKtap(stair).cases).toEqual([]);
  });
});

describe('in words', () => {
  it.each<[string, string, readonly string[]]>([
    ['a plan that is not met', '1..3\nok 1 a\nok 2 b', ['tests: 3 were planned and 2 reported']],
    ['a number out of order', 'ok 1 a\nok 3 b\nok 3 c', ['result 3 stands where 2 was due']],
    ['two plans', '1..1\nok 1 a\n1..1', ['two plans']],
    ['a second version line', 'KTAP version 1\nok 1 a\nKTAP version 1', ['a version line after results']],
    ['a version line twice before any result', 'KTAP version 1\nTAP version 13\nok 1 a', []],
    ['subtests that end with the document', '  # Subtest: s\n  1..2\n  ok 1 a', ['subtests: 2 were planned and 1 reported', 'subtests without a result of the test that holds them']],
    ['subtests of whose levels one has no result', '1..1\n  1..1\n    1..1\n    ok 1 a\nok 1 s', []],
  ])('%s', (_, text, problems) => {
    expect(parse(text).problems).toEqual(problems);
  });

  it('a named level without a result of its own is a case that is not ok, with what it had', () => {
    const { cases } = parse('  # Subtest:  s \n  1..2\n  ok 1 a\n# after it');
    expect(cases).toMatchObject([{ name: 's', ok: false, directive: undefined, detail: 'it came to no result of its own', isEmpty: false, missing: 1, diagnostics: ['# after it'], subtests: [{ name: 'a' }] }]);
    expect(parse('  # Subtest: s\n').cases).toMatchObject([{ name: 's', isEmpty: true, missing: 0 }]);
  });

  it('the first name of a level is its name', () => {
    expect(parse('  # Subtest: one\n  # Subtest: two\n  ok 1 a').cases[0]?.name).toBe('one');
    expect(parse('  # Subtest\n  # Subtest: two\n  ok 1 a').cases[0]?.name).toBe('two');
    expect(parse('  # Subtest:s\n').cases).toMatchObject([{ name: 's' }]);
    expect(parse('  # Subtest\n  ok 1 a\nok 1 b').cases).toMatchObject([{ name: 'b', subtests: [{ name: 'a' }] }]);
    for (const words of ['of # Subtest: s', '# Subtests: s']) expect(parse(`  ${words}\n`)).toMatchObject({ cases: [], problems: [] });
    expect(parse('# Subtest: one\nok 1 a').cases).toMatchObject([{ name: 'a', diagnostics: ['# Subtest: one'] }]);
  });

  it('a level that ends where a lesser one goes on gives its cases to that', () => {
    const { cases } = parse('KTAP version 1\n    1..1\n    ok 1 a\n  1..1\n  ok 1 b\nok 1 s');
    expect(cases.map(({ name, subtests }) => [name, subtests.map((sub) => sub.name)])).toEqual([['a', []], ['s', ['b']]]);
  });

  it('the first bail out is told, in any case, and the second is text', () => {
    expect(parse('bail out!  no memory\nBail out! again')).toMatchObject({ bailOut: 'no memory', trailing: ['Bail out! again'] });
    expect(parse('Bail out!')).toMatchObject({ bailOut: '' });
  });

  it('why all was skipped is what the plan of the whole document says', () => {
    expect(parse('1..0 # SKIP: no root').skipAll).toBe('no root');
    expect(parse('1..0 # SKIP no root ').skipAll).toBe('no root');
    expect(parse('1..0   #  SKIP no root').skipAll).toBe('no root');
    expect(parse('1..0#SKIP no root').skipAll).toBe('no root');
    expect(parse('1..12').plan).toBe(12);
    expect(parse('1..0 # no root').skipAll).toBeUndefined();
    expect(parse('1..1 # SKIP no root\nok 1 a').skipAll).toBeUndefined();
    expect(parse('  1..0 # SKIP no root\nok 1 a').skipAll).toBeUndefined();
  });

  it.each<[string, Partial<ReturnType<typeof parse>['cases'][number]>]>([
    ['ok 1 - a', { name: 'a', directive: undefined, detail: '' }],
    ['ok 1 -a', { name: 'a' }],
    ['ok  1 a', { name: 'a' }],
    ['ok 1 a # skip:  why', { name: 'a', directive: 'skip', detail: 'why' }],
    ['ok 1 a # skip:why', { name: 'a', directive: 'skip', detail: 'why' }],
    ['ok 1 a - b', { name: 'a - b' }],
    ['ok 1  a b  # got 3 ', { name: 'a b', directive: undefined, detail: 'got 3' }],
    ['ok 1 a#b', { name: 'a', detail: 'b' }],
    ['ok 1 a\\\\ b', { name: 'a\\ b' }],
    ['ok 1 a # SKIP', { name: 'a', directive: 'skip', detail: '' }],
    ['ok 1 a # skipped no root ', { name: 'a', directive: 'skip', detail: 'no root' }],
    ['ok 1 a # todos', { name: 'a', directive: undefined, detail: 'todos' }],
    ['ok 1 a # see TODO', { name: 'a', directive: undefined, detail: 'see TODO' }],
    ['ok 1 # got 3', { name: '', directive: undefined, detail: 'got 3' }],
    ['not ok 1 # TIMEOUT b', { name: 'b', directive: 'timeout', detail: 'b', ok: false }],
    ['ok', { name: '', ok: true }],
    ['ok ', { name: '', ok: true }],
    ['ok a', { name: 'a' }],
  ])('%j', (line, expected) => {
    expect(parse(line).cases).toMatchObject([expected]);
  });

  it.each(['okay', 'ok1 a', 'not  ok 1 a', 'xok 1 a', '1..', 'x1..2', '1..2 x', 'TAP version', 'XTAP version 1', 'TAP version 13 x'])('text is text: %j', (line) => {
    expect(parse(line)).toMatchObject({ version: undefined, plan: undefined, cases: [], trailing: [line] });
  });

  it('a YAML block is one only behind a result, indented, and ends where it began', () => {
    expect(parse('ok 1 a\n---\nok 2 b').cases).toHaveLength(2);
    expect(parse('ok 1 a\n  --- \n  x\n  ...\nok 2 b').cases).toMatchObject([{ diagnostics: ['  x'] }, { diagnostics: [] }]);
    expect(parse('  ---\n  ok 2 forged\n  ...\nok 1 b').cases).toMatchObject([{ name: 'b', diagnostics: ['  ---', '  ok 2 forged', '  ...'] }]);
    expect(parse('ok 1 a\n# text\n  ---\nok 2 b').cases[1]).toMatchObject({ name: 'b', diagnostics: ['# text', '  ---'] });
    expect(parse('ok 1 a\n  ---\n    ...\n  x\n  ... \nok 2 b').cases).toMatchObject([{ diagnostics: ['    ...', '  x'] }, { name: 'b' }]);
    const long = parse(`ok 1 a\n  ---\n${'  x\n'.repeat(500)}  ...`);
    expect(long.cases[0]?.diagnostics.length).toBe(400);
  });

  it('of the lines before a result the last 200 are kept', () => {
    const noise = (count: number): string => Array.from({ length: count }, (_, index) => `# ${index + 1}\n`).join('');
    for (const count of [200, 201, 400, 401, 600]) {
      const kept = parse(`${noise(count)}ok 1 a`).cases[0]?.diagnostics;
      expect([kept?.length, kept?.[0], kept?.at(-1)]).toEqual([200, `# ${count - 199}`, `# ${count}`]);
    }
  });

  it('of what does not fit the first twenty are told', () => {
    expect(parse(`1..1\nok 1 a\n${'1..1\n'.repeat(30)}`).problems).toHaveLength(20);
  });
});

describe("a kernel's log, line by line", () => {
  it.each(['List of all partitions:', 'Kernel panic - not syncing: VFS: Unable to mount', 'reboot: System halted', '  reboot: System halted'])('ends with %j', (end) => {
    expect(extractKtap(['<6>KTAP version 1', '<6>ok 1 a', `<6>${end}`, '<6>ok 2 b'])).toEqual(['KTAP version 1', 'ok 1 a']);
    expect(extractKtap(['KTAP version 1', 'ok 1 a', end, 'ok 2 b'])).toEqual(['KTAP version 1', 'ok 1 a']);
  });

  it('goes on behind other words of the kind', () => {
    const text = ['TAP version 14 ', 'Kernel panic - not syncing: Fatal exception', 'he said reboot: System halted'];
    expect(extractKtap(['x', ...text])).toEqual(text);
    expect(extractKtap(['TAP version 14 and more', ...text])).toEqual(text);
  });
});
