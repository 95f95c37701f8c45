import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { HarnessError } from '../../../harness/errors.js';
import type { SeriesRequest } from '../../../harness/series/read-series.js';
import type { Place } from './support.js';

/** What a user who stands in the place asks for. */
export function requestIn(place: Place, text: string): SeriesRequest {
  return { text, packageRoot: place.root, kernelVersion: '6.12.117', cwd: place.root };
}

/** The usage error that an action ends with; it must leave nothing behind. */
export async function refusalIn(place: Place, action: Promise<unknown>): Promise<HarnessError> {
  const error: unknown = await action.then(
    () => new Error('it was taken'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HarnessError) || error.kind !== 'usage') throw error;
  expect(readdirSync(place.ctx.cache.tmp, { recursive: true })).toEqual([]);
  return error;
}

export function writeIn(place: Place, path: string, content: string | Buffer): string {
  const whole = join(place.root, path);
  mkdirSync(dirname(whole), { recursive: true });
  mkdirSync(place.ctx.cache.tmp, { recursive: true });
  writeFileSync(whole, content);
  return whole;
}

/** A diff of one line. */
export function diff(file: string, from = 'a', to = 'b'): string {
  return `diff --git a/${file} b/${file}\n--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-${from}\n+${to}\n`;
}

export function mail(subject: string, body: string): string {
  return `From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001
From: A B <a@example.org>
Date: Tue, 1 Jan 2019 00:00:00 +0000
Subject: ${subject}

Message.

---
${body}--${' '}
2.39.5

`;
}

const YAML = `name: NAME
title: A title
origin: {author: A, date: d, subject: s}
bases: [{kernel: "6.12", patches: "6.12"}, {kernel: "6.1", patches: "old"}]
suite: SUITE
promises: {PROMISES}
`;

/** Ships a series of two patches for 6.12, and of one for 6.1. */
export function shipIn(place: Place, name: string, changes: Readonly<Record<string, string>> = {}, more = ''): void {
  const values: Readonly<Record<string, string>> = { NAME: name, SUITE: 'ipc', PROMISES: 'one: 1, two: 2', ...changes };
  const text = Object.entries(values).reduce((yaml, [key, value]) => yaml.replace(key, value), YAML);
  writeIn(place, `kernel-patches/${name}/series.yaml`, text + more);
  writeIn(place, `kernel-patches/${name}/6.12/0000-cover-letter.patch`, mail('[PATCH 0/2] Cover', ' x | 1 +\n'));
  writeIn(place, `kernel-patches/${name}/6.12/0001-a.patch`, mail('[PATCH 1/2] ipc: a', diff(`${name}/a`)));
  writeIn(place, `kernel-patches/${name}/6.12/0002-b.patch`, mail('[PATCH 2/2] ipc: b', diff(`${name}/b`)));
  writeIn(place, `kernel-patches/${name}/old/0001-a.patch`, mail('[PATCH] ipc: old', diff(`${name}/a`)));
}
