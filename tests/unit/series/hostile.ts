import { HarnessError } from '../../../harness/errors.js';
import { lettersOf } from '../../../harness/series/letter.js';
import { patchOf } from '../../../harness/series/patches.js';
import { pickPosting } from '../../../harness/series/posting.js';
import { parseQuiltSeries } from '../../../harness/series/quilt.js';
import { splitMbox } from '../../../harness/series/raw-mail.js';
import { statedIn } from '../../../harness/series/stated.js';
import { trailersIn } from '../../../harness/series/trailers.js';

const MAIL = 'From: a@b\nSubject: [PATCH] x\n\n';
const GIT = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n';
const HUNK = '@@ -1 +1 @@\n-a\n+b\n';
const FROM = 'From a Mon Sep 17 00:00:00 2001\n';

/** Inputs that make a careless parser slow, each of about so many bytes. */
export function hostileInputs(bytes: number): Readonly<Record<string, () => string>> {
  const fill = (text: string): string => text.repeat(Math.ceil(bytes / text.length));
  const numbered = (text: (index: number) => string): string => {
    const parts: string[] = [];
    for (let index = 0, length = 0; length < bytes; index++) length += parts[parts.push(text(index)) - 1]?.length ?? 0;
    return parts.join('');
  };
  return {
    'one long line': () => MAIL + fill('x'),
    'one long line of a hunk': () => `${MAIL}${GIT}@@ -1 +1 @@\n-a\n+${fill('x')}`,
    'a million @@': () => MAIL + fill('@@\n'),
    'hunk headers alone': () => MAIL + fill('@@ -1 +1 @@\n'),
    'very many hunks': () => MAIL + GIT + fill(HUNK),
    'a million headers': () => `${fill('X-Y: z\n')}\nx`,
    'a folded header': () => `Subject: a\n${fill(' b\n')}\nx`,
    'encoded words': () => `Subject: ${fill('=?utf-8?q?a?= ')}\n\nx`,
    'encoded words without an end': () => `Subject: ${fill('=?utf-8?q?')}\n\nx`,
    'multiparts in multiparts': () => numbered((index) => `Content-Type: multipart/mixed; boundary=b${index}\n\n--b${index}\n`),
    'multiparts without an end': () => `Content-Type: multipart/mixed; boundary=b\n\n${fill('--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n')}`,
    'very many parts': () => `Content-Type: multipart/mixed; boundary=b\n\n${fill('--b\n\nx\n')}`,
    'very many attachments': () => `From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n${fill(`--b\nContent-Disposition: attachment; filename=x\n\n${GIT}${HUNK}`)}`,
    'mails in mails': () => fill('From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n'),
    'huge base64': () => `Subject: x\nContent-Transfer-Encoding: base64\n\n${fill(`${'QUFB'.repeat(19)}\n`)}`,
    'quoted-printable': () => `Subject: x\nContent-Transfer-Encoding: quoted-printable\n\n${fill('=41=\n')}`,
    'quoted-printable blanks': () => `Subject: x\nContent-Transfer-Encoding: quoted-printable\n\n${fill('=\t\t')}`,
    'a chain of replies': () => numbered((index) => `${FROM}Subject: Re: x\nMessage-ID: <${index + 1}@x>\nIn-Reply-To: <${index}@x>\n\nAcked-by: A <a@b>\n${'x'.repeat(500)}\n`),
    'a circle of replies': () => `${FROM}${MAIL}${GIT}${HUNK}${numbered((index) => `${FROM}Subject: Re: x\nMessage-ID: <${index}@x>\nIn-Reply-To: <${(index * 7 + 1) % 5000}@x>\n\nAcked-by: A <a@b>\n${'x'.repeat(500)}\n`)}`,
    'deep references': () => `References: ${fill('<a@b> ')}\n\nx`,
    'From lines': () => fill(FROM),
    'mails of a line': () => fill(`${FROM}Subject: [PATCH 1/2] x\n\n${GIT}${HUNK}${'z'.repeat(430)}\n`),
    'names without their hunk': () => MAIL + fill('--- a\n'),
    'empty lines behind a name': () => `${MAIL}--- a\n${fill('\n')}`,
    'CRLF': () => MAIL + fill('\r\n'),
    'blanks': () => MAIL + fill('                    \n'),
    'quotes': () => MAIL + fill('> \t\t\t\t'),
    'a hunk that lost its blanks': () => `${MAIL}${GIT}@@ -1,9999 +1,9999 @@\n${fill('abc\n')}`,
    'a hunk that never ends': () => `${MAIL}${GIT}@@ -1,900000 +1,900001 @@\n${fill(' abcdefghijkl\n')}`,
    'fences': () => `${MAIL}${GIT}@@ -1,9999 +1,9999 @@\n${fill('```\n a\n')}`,
    'quoted names': () => MAIL + fill('diff --git "a\\"b\\"'),
    'headers of files': () => MAIL + fill('diff --git a/x b/x\nnew file mode 100644\n'),
    'headers of renames': () => MAIL + fill('diff --git x y\nrename from x\nrename to y\n'),
    'trailers': () => `From: a@b\nSubject: Re: x\nIn-Reply-To: <a@b>\n\n${fill('A-b-c-d-e-by: ')}`,
    'a binary patch': () => `${MAIL}diff --git a/x b/x\nindex 1..2\nGIT binary patch\nliteral 5\n${fill('zabcdefghij\n')}`,
    'NUL': () => MAIL + fill('\0'),
    'parameters': () => `Content-Type: text/plain; ${fill('a="b;')}\n\nx`,
    'addresses': () => `From: ${fill('a@')}\n\nx`,
    'a quilt series': () => fill('a.patch -p1 # x\n'),
  };
}

/**
 * Reads bytes as everything that respin might take them for, as far as it goes without another program.
 * @returns what came of it; anything but a usage error comes out as it was thrown
 */
export function readHostile(bytes: Buffer): string {
  const said: string[] = [];
  const attempt = (action: () => string): void => {
    try {
      said.push(action());
    } catch (error) {
      if (!(error instanceof HarnessError) || error.kind !== 'usage') throw error;
      if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(error.message)) throw new Error(`a control character in a message: ${JSON.stringify(error.message.slice(0, 300))}`);
      if (error.message.length > 5000) throw new Error(`a message of ${error.message.length} characters`);
      said.push(error.code);
    }
  };
  attempt(() => {
    const letters = splitMbox(bytes, 'x', { path: 'x', line: 1 }).flatMap((mail) => lettersOf(mail));
    const picked = pickPosting(letters, { where: 'x', version: undefined, order: 'numbered', strict: letters.length === 1 });
    if (picked.kind === 'refused') throw picked.error;
    trailersIn(letters, picked.patches, picked.cover);
    statedIn(picked.patches.slice(0, 100).map(({ content }) => content.toString('utf8')));
    for (const letter of picked.patches.slice(0, 50)) {
      attempt(() => {
        const mail = { origin: 'x', subject: letter.subject, author: undefined, message: '', messageId: undefined, body: letter.content, at: letter.at, letter };
        const patch = patchOf(mail, 1);
        // What was made of it has to be the same patch again.
        const again = patchOf({ ...mail, body: Buffer.from(patch.diff, patch.diffEncoding ?? 'utf8'), letter: { ...letter, strip: 1, flowed: false } }, 1);
        if (again.digest !== patch.digest || JSON.stringify(again.files) !== JSON.stringify(patch.files)) throw new Error('a patch that reads otherwise when it is read again');
        return 'patch';
      });
    }
    return `${letters.length} mails`;
  });
  attempt(() => String(parseQuiltSeries(bytes.toString('utf8'), 'series').length));
  return said.join(', ');
}
