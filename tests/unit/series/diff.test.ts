import { describe, expect, it } from 'vitest';
import { parseDiff, type FileDiff, type ParsedDiff } from '../../../harness/series/diff.js';

function parse(text: string): ParsedDiff {
  return parseDiff(Buffer.from(text));
}

function filesOf(text: string): readonly FileDiff[] {
  const parsed = parse(text);
  if (parsed.kind !== 'parsed') throw new Error(JSON.stringify(parsed));
  return parsed.files;
}

const CHANGE = `diff --git a/ipc/sem.c b/ipc/sem.c
index 1111111..2222222 100644
--- a/ipc/sem.c
+++ b/ipc/sem.c
@@ -1,3 +1,4 @@ int f(void)
 a
-b
+B
+C
 c
`;

describe('parseDiff', () => {
  it('finds the diff in a mail between diffstat and signature', () => {
    const before = '---\n ipc/sem.c | 3 ++-\n 1 file changed\n\n';
    const text = `${before}${CHANGE}-- \n2.39.5\n\n`;
    const parsed = parse(text);
    expect(parsed).toMatchObject({ kind: 'parsed', start: before.length, end: before.length + CHANGE.length });
    const [file] = filesOf(text);
    expect(file).toMatchObject({ kind: 'change', from: 'ipc/sem.c', to: 'ipc/sem.c', oldMode: '100644', line: 5 });
    expect(file?.hunks).toEqual([
      {
        header: '@@ -1,3 +1,4 @@ int f(void)',
        oldStart: 1,
        oldCount: 3,
        newStart: 1,
        newCount: 4,
        lines: [
          { kind: ' ', text: 'a\n' },
          { kind: '-', text: 'b\n' },
          { kind: '+', text: 'B\n' },
          { kind: '+', text: 'C\n' },
          { kind: ' ', text: 'c\n' },
        ],
      },
    ]);
  });

  it('knows new, deleted, renamed and copied files and those of another mode', () => {
    const text = `diff --git a/new b/new
new file mode 100755
--- /dev/null
+++ b/new
@@ -0,0 +1 @@
+x
diff --git a/empty b/empty
new file mode 100644
index 0000000..e69de29
diff --git a/old b/old
deleted file mode 100644
--- a/old
+++ /dev/null
@@ -1 +0,0 @@
-x
diff --git a/from me b/to me
similarity index 100%
rename from from me
rename to to me
diff --git a/one b/two
similarity index 90%
copy from one
copy to two
--- a/one
+++ b/two
@@ -1 +1 @@
-1
+2
diff --git a/run me.sh b/run me.sh
old mode 100644
new mode 100755
`;
    expect(filesOf(text).map(({ kind, from, to, newMode }) => [kind, from, to, newMode])).toEqual([
      ['create', undefined, 'new', '100755'],
      ['create', undefined, 'empty', '100644'],
      ['delete', 'old', undefined, undefined],
      ['rename', 'from me', 'to me', undefined],
      ['copy', 'one', 'two', undefined],
      ['change', 'run me.sh', 'run me.sh', '100755'],
    ]);
  });

  it('reads quoted names byte by byte', () => {
    const [file] = filesOf('diff --git "a/t\\303\\266\\t\\"x" "b/t\\303\\266\\t\\"x"\nnew file mode 100644\n');
    expect(file?.to).toBe('tö\t"x');
  });

  it('reads what diff(1) writes', () => {
    const text = `--- a/x.c\t2024-01-01 00:00:00 +0000
+++ b/x.c\t2024-01-02 00:00:00 +0000
@@ -1 +1 @@
-a
+b
--- a/new.c\t1970-01-01 00:00:00.000000000 +0000
+++ b/new.c\t2024-01-02 00:00:00 +0000
@@ -0,0 +1 @@
+a
`;
    expect(filesOf(text).map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['change', 'x.c', 'x.c'],
      ['create', undefined, 'new.c'],
    ]);
  });

  it('keeps the missing newline at the end of a file, and takes empty context lines without their blank', () => {
    const [file] = filesOf(`--- a/x
+++ b/x
@@ -1,3 +1,3 @@
 a

-b
\\ No newline at end of file
+b
`);
    expect(file?.hunks[0]?.lines).toEqual([
      { kind: ' ', text: 'a\n' },
      { kind: ' ', text: '\n' },
      { kind: '-', text: 'b' },
      { kind: '+', text: 'b\n' },
    ]);
  });

  it('keeps bytes that are not UTF-8', () => {
    const parsed = parseDiff(Buffer.from('--- a/x\n+++ b/x\n@@ -1 +1 @@\n-\xe9\n+\xea\n', 'latin1'));
    expect(parsed).toMatchObject({ files: [{ hunks: [{ lines: [{ text: '\xe9\n' }, { text: '\xea\n' }] }] }] });
  });

  it('skips a binary patch', () => {
    const binary = `diff --git a/b b/b
new file mode 100644
index 0000000000000000000000000000000000000000..f76dd238ade08917e6712764a16a22005a50573d
GIT binary patch
literal 1
IcmZPo000310RR91

literal 0
HcmV?d00001

`;
    expect(filesOf(binary + CHANGE).map(({ to, binary: is }) => [to, is])).toEqual([
      ['b', true],
      ['ipc/sem.c', false],
    ]);
  });

  it.each<[string, string, number, RegExp]>([
    ['a hunk that is cut off', CHANGE.replace(' c\n', ''), 10, /announces 3 old and 4 new lines; it ends here with 2 old and 3 new/],
    [
      'a hunk that is cut off before the signature',
      `${CHANGE.replace('-b\n', '').replace('+C\n', '').replace('4 @@', '3 @@')}-- \n2.39.5\n\n`,
      9,
      /it ends here with 2 old and 3 new/,
    ],
    ['a hunk with a line too many', CHANGE.replace(' c\n', ' c\n+d\n'), 11, /goes on behind them/],
    ['a hunk with too many of one kind', CHANGE.replace('-b\n', '-b\n-b\n-b\n'), 9, /more of one kind/],
    ['a hunk header of another form', CHANGE.replace('-1,3 +1,4', '-1,x +1,4'), 5, /hunk header/],
    ['a hunk without its file', CHANGE.split('\n').slice(4).join('\n'), 1, /without the "---"/],
    ['a header alone', 'diff --git a/x b/x\nindex 1..2 100644\n', 1, /without any change/],
    ['a header that names two files', CHANGE.replace('+++ b/ipc/sem.c', '+++ b/ipc/msg.c'), 1, /names two files/],
    ['a patch without prefixes', CHANGE.replace(/[ab]\/ipc/g, 'ipc'), 1, /--no-prefix/],
    ['binary content left out', 'diff --git a/x b/x\nindex 1..2 100644\nBinary files a/x and b/x differ\n', 3, /--binary/],
    ['a binary patch that is cut off', 'diff --git a/b b/b\nGIT binary patch\nliteral 1\nIcmZPo000310RR91\n', 5, /cut off/],
    ['a new file with old lines', CHANGE.replace('index 1111111..2222222 100644', 'new file mode 100644').replace('--- a/ipc/sem.c', '--- /dev/null'), 1, /expect old lines/],
    ['a deleted file that keeps lines', CHANGE.replace('index 1111111..2222222 100644', 'deleted file mode 100644').replace('+++ b/ipc/sem.c', '+++ /dev/null'), 1, /leave lines/],
    ['a plain new file with old lines', CHANGE.split('\n').slice(2).join('\n').replace('--- a/ipc/sem.c', '--- /dev/null'), 1, /expect old lines/],
    ['a rename without its target', 'diff --git a/x b/y\nrename from x\n', 1, /lacks its "from" or its "to"/],
    ['a mode that is none', 'diff --git a/b b/b\nnew file mode rwx\n', 2, /six octal digits/],
  ])('refuses %s', (_, text, line, problem) => {
    const parsed = parse(text);
    expect(parsed).toMatchObject({ kind: 'malformed', line });
    expect(parsed.kind === 'malformed' && parsed.problem).toMatch(problem);
  });

  it('sees no diff where there is none', () => {
    expect(parse('just\n--- text\nand more\n')).toEqual({ kind: 'empty' });
    expect(parse('')).toEqual({ kind: 'empty' });
  });

  it('keeps an absolute path absolute, so that it can be refused', () => {
    expect(filesOf('--- /etc/passwd\n+++ /etc/passwd\n@@ -1 +1 @@\n-a\n+b\n')[0]?.to).toBe('/etc/passwd');
  });
});
