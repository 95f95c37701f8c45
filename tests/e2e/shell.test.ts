import { expect, test } from 'vitest';
import { useRespin } from './respin.js';

const respin = useRespin();

test('respin shell gives a prompt in the guest, and ends with it', async () => {
  const { kernel } = await respin.judge(['semundo-v1', '--kernel', '6.12']);
  const shell = respin.start(['shell']);
  const { stdin, stdout } = shell;
  let seen = '';
  stdout.setEncoding('utf8').on('data', (text: string) => {
    seen += text;
  });
  const says = async (text: string): Promise<void> => {
    while (!seen.includes(text)) {
      const ended = shell.done.then(() => 'ended' as const);
      const event = await Promise.race([new Promise((resolve) => stdout.once('data', resolve)), ended]);
      if (event === 'ended') throw new Error(`respin shell ended and never said "${text}":\n${seen}`);
    }
  };
  await says('respin: a shell');
  // What is typed before the prompt is there is lost, as on any terminal.
  await says('/ #');
  stdin.write('echo "version <$(uname -r)>"\n');
  await says(`version <${kernel.version}>`);
  stdin.write('exit\n');
  expect((await shell.done).exitCode).toBe(0);
}, 180_000);
