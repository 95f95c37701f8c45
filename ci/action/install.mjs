// Step 1: npm packages, the compiled program, and the Debian packages that a run needs.
import { bootstrap } from '../bootstrap.mjs';

bootstrap();
const { main } = await import('../../dist/main.js');
process.exitCode = await main(['setup']);
