import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const runAtExit = new URL('../../scripts/lib/run-at-exit.ts', import.meta.url).href;

it.each([
  ['by itself', '', 0],
  ['by process.exit', 'process.exit(3)', 3],
  ['by an uncaught error', `throw new Error('to end this process')`, 1],
  ['by SIGHUP', signalItself('SIGHUP'), 129],
  ['by SIGINT', signalItself('SIGINT'), 130],
  ['by SIGTERM', signalItself('SIGTERM'), 143],
])('cleans up once, the latest first, when the process ends %s', async (_, ending, exitCode) => {
  expect(await run(`runAtExit(() => console.log('first')); runAtExit(() => console.log('second')); ${ending}`)).toEqual(
    {
      output: 'second\nfirst\n',
      exitCode,
    },
  );
});

it('cleans up the others when one cleanup fails', async () => {
  const program = `runAtExit(() => console.log('first')); runAtExit(() => { throw new Error('full disk'); }); process.exit(3)`;
  expect(await run(program)).toEqual({ output: 'first\n', exitCode: 3 });
});

it('leaves the process to its signals again when all registrations are taken back', async () => {
  const program = `runAtExit(() => console.log('never'))(); ${signalItself('SIGTERM')}`;
  expect(await run(program)).toEqual({ output: '', exitCode: 'SIGTERM' });
});

/** The timer keeps the process alive until the signal has arrived. */
function signalItself(signal: NodeJS.Signals): string {
  return `setTimeout(() => undefined, 10_000); process.kill(process.pid, '${signal}')`;
}

async function run(program: string): Promise<{ readonly output: string; readonly exitCode: number | string | null }> {
  const source = `import { runAtExit } from '${runAtExit}'; ${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  const output = await text(child.stdout);
  await exited;
  return { output, exitCode: child.exitCode ?? child.signalCode };
}
