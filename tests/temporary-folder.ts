import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let folder = '';

/** One folder for everything temporary that the unit tests make; it is gone after them, whatever they forget. */
export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), 'respin-unit-'));
  process.env['TMPDIR'] = folder;
}

export function teardown(): void {
  rmSync(folder, { recursive: true, force: true });
}
