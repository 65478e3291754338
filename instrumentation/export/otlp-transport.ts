import type { Agent } from 'node:http';
import * as http from 'node:http';
import * as https from 'node:https';
import { gzipSync } from 'node:zlib';

const MAX_RESPONSE_BYTES = 64 * 1024;
const RETRYABLE_STATUS = new Set([429, 502, 503, 504]);

/** What became of one request. `reason` names an error code or a status, never a text from outside. */
export type SendOutcome =
  | { readonly ok: true; readonly body: Uint8Array }
  | {
      readonly ok: false;
      readonly reason: string;
      readonly retryable: boolean;
      readonly retryAfterMs: number | undefined;
    };

export interface OtlpTransportOptions {
  readonly url: string;
  readonly headers: () => Promise<Record<string, string>>;
  readonly agent: (protocol: string) => Agent | Promise<Agent>;
  readonly compress: boolean;
}

/**
 * Posts one body with a total deadline. Its sockets and timers are unreferenced, so that a collector that does not answer,
 * or answers a byte at a time, never keeps the process alive; whoever must wait holds a timer of its own.
 */
export class OtlpTransport {
  readonly url: string;
  readonly #options: OtlpTransportOptions;
  readonly #inFlight = new Set<(reason: string) => void>();
  /** Made once: each one that is made opens connections of its own. */
  #agent: Promise<Agent> | undefined;

  constructor(options: OtlpTransportOptions) {
    this.url = options.url;
    this.#options = options;
  }

  /** Resolves in all cases, at the latest after `timeoutMs`. */
  async send(body: Uint8Array, timeoutMs: number): Promise<SendOutcome> {
    try {
      const url = new URL(this.url);
      const headers = { ...(await this.#options.headers()) };
      const newAgent = (): Promise<Agent> => (this.#agent = Promise.resolve(this.#options.agent(url.protocol)));
      const agent = await (this.#agent ?? newAgent());
      const data = this.#options.compress ? gzipSync(body) : body;
      if (this.#options.compress) headers['Content-Encoding'] = 'gzip';
      headers['Content-Length'] = String(data.byteLength);
      const startMs = performance.now();
      const outcome = await this.#post(url, headers, agent, data, timeoutMs);
      // The collector has closed an idle connection at the moment that it was taken for this: it has seen
      // nothing, and a new connection will do.
      if (outcome !== STALE) return outcome;
      return await this.#post(
        url,
        headers,
        await newAgent(),
        data,
        Math.max(1, timeoutMs - (performance.now() - startMs)),
      );
    } catch (thrown) {
      return failure(codeOf(thrown), false);
    }
  }

  /** Ends every request that is under way. */
  abort(reason: string): void {
    for (const end of this.#inFlight) end(reason);
  }

  #post(
    url: URL,
    headers: Record<string, string>,
    agent: Agent,
    data: Uint8Array,
    timeoutMs: number,
  ): Promise<SendOutcome> {
    return new Promise((resolve) => {
      const client = url.protocol === 'https:' ? https : http;
      const request = client.request(url, { method: 'POST', headers, agent });
      const finish = (outcome: SendOutcome): void => {
        clearTimeout(timer);
        this.#inFlight.delete(giveUp);
        resolve(outcome);
        if (!outcome.ok) request.destroy();
      };
      const giveUp = (reason: string): void => finish(failure(reason, true));
      const timer = setTimeout(giveUp, timeoutMs, 'timeout');
      timer.unref();
      this.#inFlight.add(giveUp);
      request.on('socket', (socket) => socket.unref());
      request.on('error', (error) =>
        finish(request.reusedSocket && codeOf(error) === 'ECONNRESET' ? STALE : failure(codeOf(error), true)),
      );
      request.on('response', (response) => {
        const chunks: Uint8Array[] = [];
        let byteCount = 0;
        response.on('data', (chunk: Uint8Array) => {
          byteCount += chunk.byteLength;
          if (byteCount > MAX_RESPONSE_BYTES) finish(failure('response too large', false));
          else chunks.push(chunk);
        });
        response.on('error', (error) => finish(failure(codeOf(error), true)));
        response.on('end', () => finish(outcomeOf(response, Buffer.concat(chunks))));
      });
      request.end(data);
    });
  }
}

/** Of a connection that had served before. */
const STALE: SendOutcome = failure('ECONNRESET', true);

function outcomeOf(response: http.IncomingMessage, body: Uint8Array): SendOutcome {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return { ok: true, body };
  const seconds = Number(response.headers['retry-after']);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
  return { ok: false, reason: `HTTP ${status}`, retryable: RETRYABLE_STATUS.has(status), retryAfterMs };
}

function failure(reason: string, retryable: boolean): SendOutcome {
  return { ok: false, reason, retryable, retryAfterMs: undefined };
}

function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown error';
  const code = 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' && code !== '' ? code : thrown.name;
}
