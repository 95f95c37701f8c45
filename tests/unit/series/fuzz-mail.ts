import fc from 'fast-check';
import { readHostile } from './hostile.js';

/** Pieces that mails and diffs are made of, and what breaks them. */
const PIECES: readonly string[] = [
  ...['From a Mon Sep 17 00:00:00 2001\n', 'From: A B <a@b.c>\n', 'Subject: [PATCH v2 1/2] x\n', 'Subject: [PATCH 0/1] x\n', 'Subject: Re: [PATCH 2/2] y\n', 'Subject: [PATCH RESEND] =?utf-8?q?=C3=B6?= =?x?b?!?=\n'],
  ...['Message-ID: <1@x>\n', 'Message-ID: <2@x>\n', 'In-Reply-To: <1@x>\n', 'References: <1@x> <2@x>\n', 'MIME-Version: 1.0\n', 'Content-Type: text/plain; charset=utf-8; format=flowed\n', 'Content-Type: text/html\n'],
  ...['Content-Type: multipart/mixed; boundary=b\n', 'Content-Type: multipart/mixed; boundary="--"\n', 'Content-Type: message/rfc822\n', 'Content-Disposition: attachment; filename*=utf-8\'\'%zz\n', '--b\n', '--b--\n', '----\n'],
  ...['Content-Transfer-Encoding: base64\n', 'Content-Transfer-Encoding: quoted-printable\n', 'ZGlmZiAtLWdpdCBhL3ggYi94Cg==\n', '=3D=\n', '=20\n', '\n', '\r\n', '\r', '\n\n', '---\n', '-- \n2.39.5\n', ' x | 2 +-\n'],
  ...['diff --git a/x b/x\n', 'diff --git x x\n', 'diff --git i/fs/x w/fs/x\n', 'diff --git "a/\\303\\266" "b/\\303\\266"\n', 'diff --git a/x b/y\n', 'diff --cc x\n', 'index 1..2 100644\n', 'new file mode 100644\n', 'deleted file mode 100644\n'],
  ...['old mode 100644\n', 'new mode 100755\n', 'rename from x\n', 'rename to y\n', 'copy from x\n', 'copy to y\n', 'similarity index 90%\n', '--- a/x\n', '+++ b/x\n', '--- /dev/null\n', '+++ /dev/null\n', '--- fs/x.c.orig\n', '+++ fs/x.c\n'],
  ...['--- kernel/fs/x\t1970-01-01 00:00:00 +0000\n', '+++ kernel/fs/x\t2008-01-01\n', 'Index: fs/x.c\n', '=====\n', '@@ -1 +1 @@\n', '@@ -1,3 +1,4 @@ f\n', '@@ -0,0 +1 @@\n', '@@ -1 +0,0 @@\n', '@@@ -1 -1 +1 @@@\n', '@@ -1,2\n+1,2 @@\n'],
  ...[' a\n', '-a\n', '+b\n', ' \n', '```\n', 'stripped\n', '\xc2\xa0hard\n', '+#include &lt;x&gt;\n', '\\ No newline at end of file\n', 'GIT binary patch\n', 'literal 1\n', 'IcmZPo000310RR91\n', 'Binary files a/x and b/x differ\n'],
  ...['Reviewed-by: A <a@b>\n', 'base-commit: 0123456789012345678901234567890123456789\n', 'prerequisite-patch-id: 0123456789012345678901234567890123456789\n', '> diff --git a/x b/x\n', 'x.patch -p0\n', '#+guard\n', '../x -p1\n', '\0', '\u001b[31m', '\xff\xfe'],
];

const HEAD = 'From: A <a@b.c>\nSubject: [PATCH] x\n\n---\n';
const WHOLE = [
  `${HEAD}diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n-- \n2.39.5\n`,
  `${HEAD}diff --git fs/x fs/y\nsimilarity index 90%\nrename from fs/x\nrename to fs/y\n--- fs/x\n+++ fs/y\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n`,
  `${HEAD}Index: fs/x.c\n=====\n--- fs/x.c.orig\t2008-01-01 00:00:00 +0000\n+++ fs/x.c\t2008-01-01 00:00:00 +0000\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n--- linux.orig/mm/z.c\n+++ linux/mm/z.c\n@@ -0,0 +1 @@\n+z\n`,
];

const pieces = fc.array(fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...PIECES) }, { weight: 1, arbitrary: fc.string({ maxLength: 20, unit: 'binary' }) }), { maxLength: 40 }).map((parts) => parts.join(''));

/** A whole patch with a few places changed. */
const mutated = fc.tuple(fc.constantFrom(...WHOLE), fc.array(fc.tuple(fc.nat(400), fc.nat(12), fc.constantFrom('', ...PIECES)), { maxLength: 4 })).map(([whole, changes]) =>
  changes.reduce((text, [at, cut, piece]) => text.slice(0, at % text.length) + piece + text.slice((at % text.length) + cut), whole),
);

/**
 * Reads random mails and diffs: nothing but a usage error may come of them, and a patch has to read the same again.
 * @param limits how many, or for how long
 * @returns how many were read
 * @throws Error with the smallest input that breaks it
 */
export function fuzzMail(limits: { readonly runs: number; readonly seed?: number; readonly ms?: number }): number {
  let count = 0;
  fc.assert(
    fc.property(fc.oneof(pieces, mutated), (text) => {
      count += 1;
      readHostile(Buffer.from(text, 'latin1'));
    }),
    { numRuns: limits.runs, ...(limits.seed === undefined ? {} : { seed: limits.seed }), ...(limits.ms === undefined ? {} : { plugins: [fc.interruptAfterTimeLimit(limits.ms)] }) },
  );
  return count;
}
