import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evidenceSchema, type Evidence } from '../../harness/evidence/schema.js';

/** `evidence.json` of an evidence folder, checked against its schema. */
export async function readEvidence(folder: string): Promise<Evidence> {
  return evidenceSchema.parse(JSON.parse(await readFile(join(folder, 'evidence.json'), 'utf8')));
}
