import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

const BACKLOG = 1;
/** A connection that is not made by then never will be: on loopback it takes microseconds. */
const CONNECT_MS_MAX = 500;

/** A port of 127.0.0.1 that takes no connection and refuses none, as behind a firewall that drops packets. */
export interface DeafListener {
  readonly host: string;
  stop(): void;
}

/** Starts a process that listens, stops it, and fills the system's queue of connections that wait for it. */
export async function startDeafListener(): Promise<DeafListener> {
  const child = fork(fileURLToPath(new URL('../fixtures/listen.mjs', import.meta.url)), [String(BACKLOG)]);
  const [port] = (await once(child, 'message')) as [number];
  child.kill('SIGSTOP');
  const sockets: Socket[] = [];
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
    child.kill('SIGKILL');
  };
  while (await connects(port, sockets)) {
    if (sockets.length <= 10 * BACKLOG + 10) continue;
    stop();
    throw new Error('The system takes connections without end for a process that is stopped.');
  }
  return { host: `127.0.0.1:${port}`, stop };
}

async function connects(port: number, sockets: Socket[]): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  const connected = once(socket, 'connect').then(() => true);
  const late = new Promise<false>((resolve) => void setTimeout(resolve, CONNECT_MS_MAX, false));
  return await Promise.race([connected, late]);
}
