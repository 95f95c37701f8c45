import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Series } from '../../../harness/model.js';
import { readSeriesStack } from '../../../harness/series/read-stack.js';
import { encoded, makeRepository, withHeaders, type Repository } from './shapes.js';
import { refusalIn, requestIn, writeIn } from './shipping.js';
import { makePlace, type Place } from './support.js';

let place: Place;
let repo: Repository;

beforeAll(() => {
  place = makePlace();
  repo = makeRepository(join(place.root, 'repo'));
});

afterAll(() => {
  place.remove();
});

let count = 0;

/** As an archive shows a patch of a mail: blanks at the start of lines lost, fences put into the middle of hunks. */
const FORUM = `
Subject: [PATCH 3/5] proc: a file of it

Posted by [A B](#) on Tue, 29 Jan 2008

From: A B <a@example.org>

This adds it.

\`\`\`
1 file changed
\`\`\`
Index: b/fs/proc/base.c

--- a/fs/proc/base.c
+++ b/fs/proc/base.c
@@ -10,5 +10,6 @@ static const struct
#endif
    INF("io"),
+ REG("it"),
};
\`\`\`

static int f(void)

--
A B
`;

/** Puts a shape on the disk; gives its path. */
function file(content: string, name = 'series.mbox'): string {
  return writeIn(place, `${(count += 1)}/${name}`, Buffer.from(content, 'latin1'));
}

function folder(files: Readonly<Record<string, string>>): string {
  count += 1;
  for (const [name, content] of Object.entries(files)) writeIn(place, `${count}/${name}`, Buffer.from(content, 'latin1'));
  return join(place.root, String(count));
}

function read(texts: string | readonly string[], version?: number): Promise<Series> {
  return readSeriesStack(place.ctx, { ...requestIn(place, ''), texts: typeof texts === 'string' ? [texts] : texts, version });
}

const mails = (...options: readonly string[]): readonly string[] => repo.mails(...options);
const numbered = (texts: readonly string[], ending = 'patch'): Readonly<Record<string, string>> => Object.fromEntries(texts.map((text, index) => [`${index}.${ending}`, text]));
const reply = (to: string, body: string, subject = 'Re: [PATCH]'): string =>
  `From r Mon Sep 17 00:00:00 2001\nFrom: R V <r@example.org>\nSubject: ${subject}\nMessage-ID: <r${(count += 1)}@x>\nIn-Reply-To: <${to}>\nReferences: <${to}>\n\n${body}\n`;
const threaded = (version: number, ...options: readonly string[]): readonly string[] =>
  mails(`-v${version}`, '--cover-letter', ...options).map((mail, index) =>
    withHeaders(mail.replace('*** SUBJECT HERE ***', `Cover of v${version}`), { 'Message-ID': `<${version}.${index}@x>`, ...(index === 0 ? {} : { 'In-Reply-To': `<${version}.0@x>` }) }),
  );
const plainDiff = (...options: readonly string[]): string => repo.git('diff', '--binary', ...options, 'HEAD~3', 'HEAD');
/** A mail of one part that is `text`, beside others. */
function multipart(mail: string, type: string, parts: readonly string[]): string {
  const blank = mail.indexOf('\n\n');
  const head = mail.slice(0, blank).replace(/\n(?:MIME-Version|Content-[\w-]+): [^\n]*/g, '');
  return `${head}\nMIME-Version: 1.0\nContent-Type: ${type}; boundary="=_b"\n\nThis is MIME.\n${parts.map((part) => `--=_b\n${part}\n`).join('')}--=_b--\n`;
}
const bodyOf = (mail: string): string => mail.slice(mail.indexOf('\n\n') + 2);
const text = (mail: string, type = 'text/plain; charset=utf-8'): string => `Content-Type: ${type}\nContent-Transfer-Encoding: 8bit\n\n${bodyOf(mail)}`;

describe('each of these shapes is the same series', () => {
  it.each<[string, () => string | readonly string[]]>([
    ['a folder of git format-patch', () => folder(numbered(mails()))],
    ['with a cover letter', () => folder(numbered(mails('--cover-letter')))],
    ['without numbers', () => folder(numbered(mails('-N')))],
    ['an RFC of version 3 for a tree', () => folder(numbered(mails('--rfc', '-v3', '--subject-prefix=PATCH net-next')))],
    ['with a base', () => folder(numbered(mails('--base=HEAD~3')))],
    ['with renames not found', () => folder(numbered(mails('--no-renames')))],
    ['with one context line', () => folder(numbered(mails('-U1')))],
    ['with whole functions', () => folder(numbered(mails('-W')))],
    ['with full ids', () => folder(numbered(mails('--full-index')))],
    ['without prefixes', () => folder(numbered(mails('--no-prefix')))],
    ['with mnemonic prefixes', () => folder(numbered(mails('--src-prefix=i/', '--dst-prefix=w/')))],
    ['attached', () => folder(numbered(mails('--attach')))],
    ['inline', () => folder(numbered(mails('--inline')))],
    ['without a signature', () => folder(numbered(mails('--no-signature')))],
    ['in threads', () => folder(numbered(mails('--thread=deep', '--cover-letter')))],
    ['without a stat', () => folder(numbered(mails('--no-stat')))],
    ['an mbox', () => file(mails('--cover-letter').join('\n'))],
    ['an mbox in gzip', () => writeIn(place, 'x/series.mbox.gz', gzipSync(Buffer.from(mails().join('\n'), 'latin1')))],
    ['an mbox with the mails in another order', () => file([...mails()].reverse().join('\n'))],
    ['a maildir', () => folder(Object.fromEntries(mails('--cover-letter').map((mail, index) => [index < 2 ? `new/${index}.x` : `cur/${index}:2,S`, mail])))],
    ['what b4 am writes', () => join(folder({ 'v1.mbx': mails().join('\n'), 'v1.cover': mails('--cover-letter')[0] ?? '' }), 'v1.mbx')],
    ['the folder of b4 am', () => folder({ 'v1.mbx': mails().join('\n'), 'v1.cover': mails('--cover-letter')[0] ?? '' })],
    ['single .eml files in any order', () => [...mails('--cover-letter')].reverse().map((mail, index) => file(mail, `${index}.eml`))],
    ['a quilt folder', () => folder({ ...numbered(mails('-N')), series: '# the series\n0.patch\n1.patch -p1 # a comment\n\n2.patch\n' })],
    ['a quilt folder with -p0', () => folder({ ...numbered(mails('-N', '--no-prefix')), series: '0.patch -p0\n1.patch -p0\n2.patch -p0\n' })],
    ['one diff without a mail', () => file(plainDiff(), 'x.patch')],
    ['one diff without prefixes', () => file(plainDiff('--no-prefix'), 'x.diff')],
    ['quoted-printable', () => folder(numbered(mails('-N').map((mail) => encoded(mail, 'quoted-printable'))))],
    ['base64', () => folder(numbered(mails('-N').map((mail) => encoded(mail, 'base64'))))],
    ['CRLF', () => folder(numbered(mails().map((mail) => mail.replace(/\n/g, '\r\n'))))],
    ['headers in 8 bits', () => folder(numbered(mails('--no-encode-email-headers')))],
    ['a thread of two versions with replies', () => file([...threaded(1), ...threaded(2), reply('2.1@x', '> diff --git a/x b/x\n> --- a/x\n\nNo.')].join('\n'))],
    ['a signed mail', () => folder(numbered(mails('-N').map((mail) => multipart(mail, 'multipart/signed; protocol="application/pgp-signature"', [text(mail), 'Content-Type: application/pgp-signature; name="signature.asc"\n\n-----BEGIN PGP SIGNATURE-----\n\n-x\n+y\n-----END PGP SIGNATURE-----']))))],
    ['plain beside HTML', () => folder(numbered(mails('-N').map((mail) => multipart(mail, 'multipart/alternative', [text(mail), 'Content-Type: text/html\n\n<html><body>diff --git a/x b/x</body></html>']))))],
    ['with a footer of the list', () => folder(numbered(mails('-N').map((mail) => multipart(mail, 'multipart/mixed', [text(mail), text('\n\n_____\nlist mailing list\n')]))))],
    ['with other things attached', () => folder(numbered(mails('-N').map((mail) => multipart(mail, 'multipart/mixed', [text(mail), 'Content-Type: text/plain; name=dmesg.txt\nContent-Disposition: attachment; filename="dmesg.txt"\n\n[ 0.0] boot\n', 'Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=']))))],
    ['several attached to one mail', () => file(multipart('From: A <a@x>\nSubject: my patches\n\n', 'multipart/mixed', ['Content-Type: text/plain\n\nHere they are.', ...mails().map((mail, index) => `Content-Type: application/octet-stream; name="${index}.patch"\nContent-Transfer-Encoding: base64\n\n${Buffer.from(mail, 'latin1').toString('base64').replace(/.{76}/g, '$&\n')}`)]), 'x.eml')],
    ['forwarded as mails', () => file(multipart('From: A <a@x>\nSubject: Fwd: patches\n\n', 'multipart/digest', mails().map((mail) => `Content-Type: message/rfc822\n\n${mail.replace(/^From [^\n]*\n/, '')}`)), 'x.eml')],
    ['commits of a repository', () => `git:${repo.root}#HEAD~3..HEAD`],
    ['two versions left in one folder', () => folder({ ...numbered(mails('-v1', '--base=HEAD~3').map((mail) => mail.replace(/\n \tint/g, '\n \tINT'))), ...Object.fromEntries(mails('-v2').map((mail, index) => [`v2-${index}.patch`, mail])) })],
  ])('%s', async (_, make) => {
    const series = await read(make());
    expect(repo.applied(series)).toBe(repo.tip);
  });
});

describe('what is said of a series', () => {
  it('subjects, authors, messages, ids and the base are those of its mails, whatever their encoding', async () => {
    const head = { 'Message-ID': '<one@x>' };
    const one = await read(folder(numbered(mails('--base=HEAD~3').map((mail, index) => (index === 0 ? withHeaders(mail, head) : mail)))));
    const other = await read(folder(numbered(mails('--base=HEAD~3').map((mail, index) => encoded(index === 0 ? withHeaders(mail, head) : mail, 'base64')))));
    expect({ ...other, origin: '', name: '', patches: other.patches.map((patch) => ({ ...patch, origin: '' })) }).toEqual({ ...one, origin: '', name: '', patches: one.patches.map((patch) => ({ ...patch, origin: '' })) });
    expect(one.patches.map(({ subject, author, message, messageId }) => [subject, author, message, messageId])).toEqual([
      ['ipc/sem: größer: count with a subject that is so long that mail headers have to fold it somewhere', 'Jörg Größe <j@example.org>', 'Why it is so.\n\nSigned-off-by: Jörg Größe <j@example.org>', 'one@x'],
      ['fs: move it', 'Jörg Größe <j@example.org>', '', undefined],
      ['net: add it', 'Jörg Größe <j@example.org>', 'A list:\n - one\n - two', undefined],
    ]);
    expect(one.stated).toEqual({ baseCommit: repo.git('rev-parse', 'HEAD~3').trim(), prerequisitePatchIds: [] });
    expect(one.notes).toEqual([]);
  });

  it('prerequisites are read', async () => {
    const stated = 'base-commit: 0123456789012345678901234567890123456789\nprerequisite-patch-id: aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd\n';
    const series = await read(folder(numbered(mails().map((mail, index) => (index === 0 ? mail.replace(/\n-- \n/, `\n${stated}-- \n`) : mail)))));
    expect(series.stated).toEqual({ baseCommit: '0123456789012345678901234567890123456789', prerequisitePatchIds: ['aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd'] });
  });

  it('older charsets are decoded', async () => {
    const body = Buffer.from(`Текст.\n`, 'utf8').toString('latin1');
    const koi8 = Buffer.from([0xf4, 0xc5, 0xcb, 0xd3, 0xd4]).toString('latin1');
    const mail = withHeaders(mails('-N')[0] ?? '', { 'Content-Type': 'text/plain; charset=koi8-r', Subject: '=?koi8-r?B?9MXL09Q=?= =?koi8-r?Q?_=D4?=', 'MIME-Version': '1.0', 'Content-Transfer-Encoding': '8bit' });
    const [patch] = (await read(file(mail.replace('Why it is so.', koi8), 'x.eml'))).patches;
    expect([patch?.subject, patch?.message.split('\n')[0]]).toEqual(['Текст т', Buffer.from(body, 'latin1').toString('utf8').slice(0, 5)]);
  });
});

describe('a thread', () => {
  const thread = (...more: readonly string[]): string => file([...threaded(1), ...threaded(2), ...more].join('\n'));

  it('gives its newest version, the title of its cover letter, and the trailers of replies', async () => {
    const series = await read(
      thread(
        reply('2.2@x', '> Signed-off-by: A <a@x>\nReviewed-by: R V <r@example.org>'),
        reply('2.0@x', 'Tested-by: T <t@example.org>\n'),
        reply('1.2@x', 'Acked-by: Old <o@example.org>\n'),
        'From r Mon Sep 17 00:00:00 2001\nFrom: X <x@x>\nSubject: Re: deep\nMessage-ID: <deep@x>\nIn-Reply-To: <unknown@x>\nReferences: <2.0@x> <2.3@x> <unknown@x>\n\nAcked-by: Deep <d@example.org>\n\nSigned-off-by: Not <n@example.org>\n',
      ),
    );
    expect(series.title).toBe('Cover of v2');
    expect(series.trailers).toEqual([
      { patch: 0, text: 'Tested-by: T <t@example.org>' },
      { patch: 2, text: 'Reviewed-by: R V <r@example.org>' },
      { patch: 3, text: 'Acked-by: Deep <d@example.org>' },
    ]);
    expect(series.notes).toEqual(['took v2 of v1, v2', 'replies give 3 trailers: Tested-by: T <t@example.org> (all), Reviewed-by: R V <r@example.org> (patch 2), Acked-by: Deep <d@example.org> (patch 3)']);
    expect(series.digest).toBe((await read(file(threaded(2).join('\n')))).digest);
  });

  it('gives the version that is asked for, or says which there are', async () => {
    expect((await read(thread(), 1)).title).toBe('Cover of v1');
    expect((await refusalIn(place, read(thread(), 7))).message).toMatch(/has no version 7 of the series; it has v1, v2$/);
  });

  it('whose newest version is not complete gives the one before, and says so loudly; not when it was asked for', async () => {
    const broken = file([...threaded(1), ...threaded(2).filter((_, index) => index !== 2)].join('\n'));
    expect((await read(broken)).notes[0]).toBe('NOT THE NEWEST: v2 is not complete (of 3 patches, this is missing: 2); v1 was taken');
    expect((await refusalIn(place, read(broken, 2))).message).toMatch(/v2: of 3 patches, this is missing: 2$/);
  });

  it('does not mind the same mail twice, a diff in a reply, and a patch that somebody else proposes', async () => {
    const other = withHeaders(mails('-N')[2] ?? '', { From: 'O <o@x>', 'Message-ID': '<o@x>', 'In-Reply-To': '<2.1@x>' });
    const series = await read(thread(...threaded(2), reply('2.1@x', bodyOf(mails('-N')[1] ?? ''), 'Re: [PATCH v2 1/3]'), other.replace('[PATCH]', '[PATCH v2]')));
    expect(series.patches).toHaveLength(3);
    expect(series.notes.slice(1)).toEqual([expect.stringMatching(/^left out "net: add it" by o@x .*has no number/), 'left out one diff in replies']);
  });

  it('takes a RESEND for newer than what it repeats', async () => {
    const series = await read(thread(...threaded(2).map((mail) => mail.replace('[PATCH v2', '[PATCH RESEND v2').replace(/<2\./g, '<22.'))));
    expect(series.notes).toEqual(['took v2 RESEND of v1, v2, v2 RESEND']);
  });
});

describe('each of these shapes is refused for what is wrong with it', () => {
  const first = (): string => mails('-N')[0] ?? '';
  it.each<[string, () => string | readonly string[], string, RegExp]>([
    ['a posting in a forum', () => file(FORUM, 'x.txt'), 'series.damaged', /x\.txt:18: the patch is damaged: lines lack the blank, "\+" or "-" that they begin with, and a markdown fence stands inside a hunk: "#endif", and 3 more lines of this hunk$/],
    ['blanks of context lines lost', () => file(first().replace(/\n \t/g, '\n\t'), 'x.patch'), 'series.damaged', /x\.patch:\d+: the patch is damaged: lines lack the blank/],
    ['lines wrapped', () => file(first().replace('; /* >=', ';\n/* >='), 'x.patch'), 'series.damaged', /x\.patch:\d+: .* long lines were wrapped: "\/\* >=/],
    ['a hunk header wrapped', () => file(first().replace(/\n(@@ [^\n]*@@) int f/, '\n$1\nint f').replace(/\n(@@ -3,[^\n]*@@)[^\n]*/, '\n$1\nint line'), 'x.patch'), 'series.damaged', /long lines were wrapped/],
    ['a fence inside a hunk', () => file(first().replace('\n-\tint line_5', '\n```\n-\tint line_5'), 'x.patch'), 'series.damaged', /a markdown fence stands inside a hunk: "```"/],
    ['fences in the header of a file', () => file(first().replace(/\n(index [^\n]*)/, '\n```\n\n```\n$1\n```'), 'x.patch'), 'series.damaged', /x\.patch:\d+: .* markdown fences stand between its lines$/],
    ['empty lines between all lines', () => file(first().replace(/(\ndiff --git[^]*)/, (diff) => diff.replace(/\n/g, '\n\n')), 'x.patch'), 'series.damaged', /empty lines were put between its lines/],
    ['non-breaking blanks', () => file(first().replace(/\n \t/g, '\n\xc2\xa0\t'), 'x.patch'), 'series.damaged', /blanks became non-breaking ones/],
    ['quoted-printable that nobody decoded', () => file(first().replace(/int line_3 = 3;/, 'int line_3 =3D=\n 3;'), 'x.patch'), 'series.damaged', /quoted-printable was not decoded/],
    ['HTML characters', () => file(first().replace('\n-\tint line_5', '\n-#include &lt;linux/sem.h&gt;'), 'x.patch'), 'series.damaged', /characters are those of HTML/],
    ['HTML alone', () => file(withHeaders(first(), { 'Content-Type': 'text/html' }), 'x.eml'), 'series.damaged', /HTML without a plain text/],
    ['format=flowed that stuffs lines', () => file(withHeaders(first().replace(/\n (?=[^\n])/g, '\n  '), { 'Content-Type': 'text/plain; format=flowed' }), 'x.eml'), 'series.damaged', /format=flowed, and each context line has a blank too many/],
    ['format=flowed that wraps', () => file(withHeaders(first(), { 'Content-Type': 'text/plain; charset=utf-8; format=flowed' }).replace('; /* >=', '; \n/* >='), 'x.eml'), 'series.damaged', /format=flowed, which rewraps/],
    ['a quoted patch', () => file(first().replace(/^(?=diff|---|\+\+\+|@@|[ +-]\t)/gm, '> '), 'x.eml'), 'series.damaged', /x\.eml:\d+: .* quoted or indented/],
    ['an indented patch', () => file(plainDiff().replace(/^/gm, '    '), 'x.patch'), 'series.damaged', /x\.patch:1: .* quoted or indented/],
    ['a patch that is cut off', () => file(first().slice(0, first().indexOf('+\tint line_5 = 50')), 'x.patch'), 'series.malformed', /it ends here/],
    ['a merge', () => file('diff --cc ipc/sem.c\nindex 1,2..3\n--- a/ipc/sem.c\n+++ b/ipc/sem.c\n@@@ -1,1 -1,1 +1,1 @@@\n- a\n -b\n++c\n', 'x.patch'), 'series.malformed', /x\.patch:1: .*combined diff of a merge/],
    ['binary files without content', () => file(mails('-N', '--no-binary')[2] ?? '', 'x.patch'), 'series.malformed', /binary file without its content/],
    ['paths with and without prefix', () => file(`${plainDiff('--no-prefix')}${plainDiff()}`, 'x.patch'), 'series.malformed', /mixes paths with and without/],
    ['paths that can be read in two ways', () => file('--- kernel/fs/x.c\n+++ kernel/fs/x.c\n@@ -1 +1 @@\n-a\n+b\n', 'x.patch'), 'series.malformed', /can be read with their first folder or without/],
    ['a quilt series with a guard', () => folder({ 'a.patch': first(), series: 'a.patch #+arm\n' }), 'series.quilt', /series:1: the guard \+arm/],
    ['a quilt series with a reversed patch', () => folder({ 'a.patch': first(), series: '\na.patch -R\n' }), 'series.quilt', /series:2: the option -R of a\.patch/],
    ['a quilt series of a patch that is not there', () => folder({ series: 'b.patch\n' }), 'series.mail', /names b\.patch, which cannot be read \(ENOENT\)/],
    ['a quilt series that leaves its folder', () => folder({ series: '../b.patch\n' }), 'series.quilt', /it has "\.\."/],
    ['an empty quilt series', () => folder({ series: '# nothing\n' }), 'series.empty', /names no patch/],
    ['an empty maildir', () => folder({ 'cur/.keep': '', 'new/.keep': '' }), 'series.empty', /maildir without mails/],
    ['an mbox of talk', () => file([reply('a@x', 'hello'), reply('b@x', 'world')].join('')), 'series.empty', /has no patch$/],
    ['single mails of which one is missing', () => mails().slice(1).map((mail) => file(mail, 'x.eml')), 'series.numbers', /of 3 patches, this is missing: 1/],
    ['single mails of which one is there twice', () => [...mails().slice(1), ...mails().slice(1)].map((mail) => file(mail, 'x.eml')), 'series.numbers', /patch 2\/3 is there twice/],
    ['a patch in the text and another attached', () => file(multipart(first(), 'multipart/mixed', [text(first()), `Content-Type: text/x-patch; name=o.patch\nContent-Disposition: attachment\n\n${bodyOf(mails('-N')[1] ?? '')}`]), 'x.eml'), 'series.mail', /a patch in its text and another one attached \(o\.patch\)/],
    ['an unknown revision', () => `git:${repo.root}#nowhere..HEAD`, 'series.git', /has no commit "nowhere"/],
    ['an empty range', () => `git:${repo.root}#HEAD..HEAD`, 'series.git', /has no commit$/],
    ['a range of another form', () => `git:${repo.root}#HEAD`, 'series.form', /"#BASE\.\.TIP" is expected/],
    ['a folder that is in no repository', () => 'git:/#a..b', 'series.git', /is in no git repository/],
    ['standard input twice', () => ['-', '-'], 'series.twice', /named twice/],
    ['a URL of nowhere', () => 'https://example.org/x.mbox', 'series.form', /lore\.kernel\.org/],
    ['a message id that is none', () => '<x>', 'series.form', /no message id/],
  ])('%s', async (_, make, code, message) => {
    const error = await refusalIn(place, read(make()));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
  });
});

