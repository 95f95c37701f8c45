import { describe, expect, it } from 'vitest';
import { parseSeriesForm } from '../../../harness/series/forms.js';

describe('parseSeriesForm', () => {
  it.each<[string, ReturnType<typeof parseSeriesForm>]>([
    ['-', { kind: 'stdin' }],
    ['semundo-v1', { kind: 'name', id: undefined }],
    ['./outgoing', { kind: 'name', id: undefined }],
    ['20240101.1-a@example.org', { kind: 'name', id: '20240101.1-a@example.org' }],
    ['<20240101.1-a@example.org>', { kind: 'message', id: '20240101.1-a@example.org', list: undefined }],
    ['https://lore.kernel.org/linux-mm/1-a@x.org/', { kind: 'message', id: '1-a@x.org', list: 'linux-mm' }],
    ['https://lore.kernel.org/all/1-a@x.org/T/#u', { kind: 'message', id: '1-a@x.org', list: 'all' }],
    ['https://lore.kernel.org/r/1-a@x.org', { kind: 'message', id: '1-a@x.org', list: undefined }],
    ['https://lore.kernel.org/1-a@x.org', { kind: 'message', id: '1-a@x.org', list: undefined }],
    ['https://lkml.kernel.org/r/1%2Ba@x.org', { kind: 'message', id: '1+a@x.org', list: undefined }],
    ['git:/home/you/linux#v6.12..topic', { kind: 'git', location: '/home/you/linux', base: 'v6.12', tip: 'topic' }],
    ['git:#HEAD~3..', { kind: 'git', location: '.', base: 'HEAD~3', tip: 'HEAD' }],
    ['git:.#a..b', { kind: 'git', location: '.', base: 'a', tip: 'b' }],
  ])('reads %s', (text, form) => {
    expect(parseSeriesForm(text)).toEqual(form);
  });

  it.each([
    ['git:.', /"#BASE\.\.TIP" is expected/],
    ['git:.#a...b', /three dots/],
    ['git:.#--output=x..b', /"--output=x" is no revision/],
    ['git:.#a..b..c', /"b\.\.c" is no revision/],
    ['git:https://example.org/linux#a..b', /has to be on this disk/],
    ['git:you@host:linux#a..b', /has to be on this disk/],
    ['https://example.org/1@x/', /of URLs those of lore\.kernel\.org/],
    ['https://lore.kernel.org/all/', /it names no message/],
    ['https://lore.kernel.org/all/%zz/', /percent sign/],
    ['https://lore.kernel.org/a/b/1@x/', /it names no message/],
    ['https://lore.kernel.org/..%2f..%2fx/1@x/', /it names no list/],
    ['<a/../b@x>', /it is no message id/],
    [`x${'y'.repeat(5000)}`, /too long/],
  ])('refuses %s', (text, message) => {
    expect(() => parseSeriesForm(text)).toThrow(message);
  });
});
