// `npm run docs:schema` writes schema/evidence-v1.schema.json from the schemas that respin itself uses; with --check it
// only says whether the file is current.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bootstrap, root } from './bootstrap.mjs';

bootstrap();
const { evidenceJsonSchema } = await import('../dist/evidence/kinds.js');
const target = join(root, 'schema', 'evidence-v1.schema.json');
const text = `${JSON.stringify(evidenceJsonSchema(), undefined, 2)}\n`;

function current() {
  try {
    return readFileSync(target, 'utf8');
  } catch {
    return undefined;
  }
}

if (!process.argv.includes('--check')) {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
} else if (current() !== text) {
  console.error('schema/evidence-v1.schema.json is not what harness/evidence/ says: npm run docs:schema');
  process.exitCode = 1;
}
