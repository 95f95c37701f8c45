// `npm start`: the main job, from a fresh checkout. `npm start -- ARGS` is `respin ARGS`.
import { bootstrap } from './bootstrap.mjs';

const NEEDS_TOOLS = new Set(['run', 'walk', 'shell']);

bootstrap();
// npm starts scripts in the package's folder; the paths that the user types are relative to where the user is.
process.chdir(process.env.INIT_CWD ?? process.cwd());
const { main } = await import('../dist/main.js');
const given = process.argv.slice(2);
const args = given.length === 0 ? ['run'] : given;
const ready = NEEDS_TOOLS.has(args[0]) && !args.includes('--help') ? await main(['setup']) : 0;
process.exitCode = ready === 0 ? await main(args) : ready;
