// `npm run fuzz -- PARSER SECONDS`: random input for one parser for so long, and 10 MB of each input that is hostile to it.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap, root } from './bootstrap.mjs';

bootstrap();
const { $ } = await import('zx');
const parsers = readdirSync(join(root, 'tests/fuzz')).map((name) => name.replace(/\.test\.ts$/, ''));
const [parser, seconds = '60'] = process.argv.slice(2);
if (!parsers.includes(parser) || !/^[1-9]\d{0,5}$/.test(seconds)) {
  console.error(`usage: npm run fuzz -- PARSER [SECONDS]; there is: ${parsers.join(', ')}; for example: npm run fuzz -- ${parsers[0]} 600`);
  process.exit(2);
}
const done = await $({ cwd: root, nothrow: true, stdio: 'inherit', env: { ...process.env, RESPIN_FUZZ_SECONDS: seconds } })`npx vitest run --project=fuzz ${join('tests/fuzz', `${parser}.test.ts`)}`;
process.exitCode = done.exitCode ?? 1;
