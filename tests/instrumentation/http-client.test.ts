import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AppProcess } from '../support/app-process.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

/** The heads of the fixture's requests, byte by byte as a plain socket reads them. */
async function requestHeads(withSlowpath: boolean): Promise<readonly string[]> {
  const heads: string[] = [];
  const server = createServer((socket) => {
    let received = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text;
      if (!received.endsWith('\r\n\r\n')) return;
      heads.push(received);
      socket.end(ANSWER);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = String((server.address() as AddressInfo).port);
  const env = { OTEL_TRACES_EXPORTER: 'none', PORT: port };
  const app = AppProcess.start({ file: 'tests/fixtures/http-client.cjs', withSlowpath, env });
  try {
    const { code } = await app.end();
    expect({ code, sent: app.stdout }).toEqual({ code: 0, sent: `sent ${heads.length}\n` });
  } finally {
    app.kill();
    server.close();
  }
  return heads.map((head) => head.replaceAll(`:${port}`, ':<port>'));
}

describe('the requests that the application sends', () => {
  it('are the same bytes as without slowpath, but for traceparent', async () => {
    const without = await requestHeads(false);
    const beside = await requestHeads(true);
    expect(without.length).toBeGreaterThan(15);
    expect(beside.map((head) => head.replace(/^traceparent: .*\r\n/m, ''))).toEqual(without);
    // A list of headers is passed on as it is; every other request is traced.
    const untraced = beside.filter((head) => !head.includes('\r\ntraceparent: 00-'));
    expect(untraced.map((head) => head.split(' ')[1])).toEqual([
      '/list',
      '/list-after-url',
      '/list-after-url-object',
      '/pairs',
      '/get-list',
      '/get-list-after-url',
    ]);
  });
});
