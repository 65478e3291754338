import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withDeadline } from '../../cache/guard/with-deadline.ts';
import { systemTimer } from '../../cache/set-timer.ts';

/** Answers each byte at once, or never, on a thread that nothing here can block. */
const SERVER = `
const { createServer } = require('node:net');
const { parentPort } = require('node:worker_threads');
const server = createServer((socket) => socket.on('data', (data) => String(data) === 'answer' && socket.write('done')));
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

let worker: Worker;
let port: number;

beforeAll(async () => {
  worker = new Worker(SERVER, { eval: true });
  [port] = (await once(worker, 'message')) as [number];
});
afterAll(async () => void (await worker.terminate()));

async function ask(question: string, blockMs: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const outcome = withDeadline(
    async () => {
      socket.write(question);
      return String((await once(socket, 'data'))[0]);
    },
    50,
    systemTimer,
  );
  // The question leaves first.
  await new Promise((resolve) => setImmediate(resolve));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs);
  const { kind } = await outcome;
  socket.destroy();
  return kind;
}

it('counts no answer as late that lay there while the event loop was blocked', async () => {
  for (let round = 0; round < 5; round++) expect(await ask('answer', 120)).toBe('value');
});

it('counts one that never comes', async () => {
  expect(await ask('silence', 120)).toBe('timeout');
  expect(await ask('silence', 0)).toBe('timeout');
});

it('runs nothing once it was cancelled, not even in the turn in which it was due', async () => {
  const ran: string[] = [];
  const cancel = systemTimer(() => ran.push('cancelled'), 1, true);
  await new Promise<void>((resolve) => {
    setTimeout(() => {
      cancel();
      resolve();
    }, 1);
  });
  await new Promise<void>((resolve) => systemTimer(resolve, 2, true));
  expect(ran).toEqual([]);
});
