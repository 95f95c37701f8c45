import { describe, expect, it } from 'vitest';
import { addressesIn } from '../../../harness/series/addresses.js';
import { letterheadOf } from '../../../harness/series/letterhead.js';
import { lettersOf } from '../../../harness/series/letter.js';

describe('addressesIn', () => {
  it.each([
    ['a@example.org', ['a@example.org']],
    ['Ada <a@example.org>, b@example.org', ['Ada <a@example.org>', 'b@example.org']],
    ['"Lovelace, Ada" <a@example.org>,\r\n "A \\"q\\" B" <b@example.org>', ['Lovelace, Ada <a@example.org>', 'A "q" B <b@example.org>']],
    ['=?UTF-8?B?w5hyamFu?= <o@example.org>', ['Ørjan <o@example.org>']],
    ['list: a@example.org, b@example.org;', ['a@example.org', 'b@example.org']],
    ['a@example.org (a comment, with a comma)', ['a@example.org']],
    ['Ada <a@example.org>, A@EXAMPLE.ORG', ['Ada <a@example.org>']],
    ['undisclosed-recipients:;', []],
    ['no address, <>, <a b@example.org>, x@', []],
    ['=?UTF-8?Q?a=0ABcc:_x?= <a@example.org>', ['a Bcc: x <a@example.org>']],
  ])('reads %j', (value, expected) => {
    expect(addressesIn(value)).toEqual(expected);
  });

  it('takes linear time and room for what is no list', () => {
    for (const piece of ['"', '(', '<', ',', 'a@b,', '\\']) expect(addressesIn(piece.repeat(1_000_000)).length).toBeLessThanOrEqual(500);
  });
});

describe('letterheadOf', () => {
  const mail = (headers: string): string => `${headers}\n\nbody\n`;
  const read = (headers: string): ReturnType<typeof letterheadOf> => lettersOf({ origin: 'x', at: undefined, bytes: Buffer.from(mail(headers)) }).flatMap(letterheadOf);

  it('has what a reply needs', () => {
    expect(read('Message-ID: <2@example.org>\nFrom: Ada <a@example.org>\nTo: l@example.org\nCc: B <b@example.org>\nSubject: [PATCH v2 0/3] =?UTF-8?Q?=C3=BCber?=\nDate: Mon, 1 Jan 2024 00:00:00 +0000\nReferences: <0@example.org> <1@example.org>\nIn-Reply-To: <1@example.org>')).toEqual([
      { messageId: '2@example.org', subject: '[PATCH v2 0/3] über', date: 'Mon, 1 Jan 2024 00:00:00 +0000', from: 'Ada <a@example.org>', to: ['l@example.org'], cc: ['B <b@example.org>'], references: ['0@example.org', '1@example.org'] },
    ]);
  });

  it('is none without a message id', () => {
    expect(read('From: a@example.org\nSubject: [PATCH] x')).toEqual([]);
  });
});
