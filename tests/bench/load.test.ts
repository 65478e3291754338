import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONNECTIONS, Load } from '../../bench/overhead/lib/load.ts';

let server: Server;
let port: number;
const paths: string[] = [];
const sockets = new Set<Socket>();

beforeEach(async () => {
  paths.length = 0;
  sockets.clear();
  server = createServer((request, response) => {
    paths.push(request.url ?? '');
    sockets.add(request.socket);
    if (request.url === '/chunked') return void response.write('x', () => response.end('y'));
    if (request.url === '/cut') return void request.socket.destroy();
    response.statusCode = request.url === '/missing' ? 404 : 200;
    // In two packets, with a character of more than one byte: the second part is written when the first has left.
    response.setHeader('content-length', 6);
    response.write('ab', () => setImmediate(() => setImmediate(() => response.end('€d'))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('Load', () => {
  it('sends each request once, over connections that stay open', async () => {
    const load = await Load.open(port);
    const bytes = await load.send((n) => `/${n}`, 100);
    expect(bytes).toBe(600);
    expect(await load.send(() => '/again', 8)).toBe(48);
    load.close();
    const numbers = paths.slice(0, 100).map((path) => Number(path.slice(1)));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(paths).toHaveLength(108);
    expect(sockets.size).toBe(CONNECTIONS);
  });

  it.each([
    ['/missing', 'GET /missing was answered with 404'],
    ['/chunked', 'no Content-Length'],
    ['/cut', 'closed the connection'],
  ])('fails on %s', async (path, message) => {
    const load = await Load.open(port);
    await expect(load.send(() => path, 1)).rejects.toThrow(message);
    load.close();
  });
});
