import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it arrived. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** How the server answers one request; it may never do. */
export type Answer = (response: ServerResponse) => void;

/** A real HTTP server on a free loopback port; each request is answered by the next of `answers`, the last one stays. */
export class LoopbackServer {
  readonly received: Received[] = [];
  /** Told of each request before it is answered. */
  onRequest: Answer | undefined;
  readonly #server;
  #url = '';

  constructor(...answers: readonly Answer[]) {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request;
        this.received.push({ method, path, headers, body: Buffer.concat(chunks) });
        this.onRequest?.(response);
        answers[Math.min(this.received.length, answers.length) - 1]?.(response);
      });
    });
  }

  get url(): string {
    return this.#url;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/traces`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Resolves when `count` requests have arrived. */
  async hasReceived(count: number): Promise<void> {
    while (this.received.length < count) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Answers with a status and a body. */
export function answer(status: number, body: string | Uint8Array = '', headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** Takes the request and never answers. */
export const hang: Answer = () => undefined;
