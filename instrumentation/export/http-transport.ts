import type { Agent } from 'node:http';
import * as http from 'node:http';
import * as https from 'node:https';
import { gzipSync } from 'node:zlib';
import {
  codeOf,
  failure,
  MAX_RESPONSE_BYTES,
  RETRYABLE_STATUS,
  STALL_MS_MAX,
  STALL_PAUSE_MS,
  STALLED,
  type OtlpTransport,
  type SendOutcome,
} from './otlp-transport.ts';

/** So much of a body at a time goes to the system, which shows that it goes on. */
const PIECE_BYTES = 64 * 1024;

export interface HttpTransportOptions {
  readonly url: string;
  readonly headers: () => Promise<Record<string, string>>;
  readonly agent: (protocol: string) => Agent | Promise<Agent>;
  readonly compress: boolean;
}

/** Posts bodies over HTTP. */
export class HttpTransport implements OtlpTransport {
  readonly url: string;
  readonly #options: HttpTransportOptions;
  readonly #inFlight = new Set<(reason: string) => void>();
  #pausedUntilMs = 0;
  /** Made once: each one that is made opens connections of its own. */
  #agent: Promise<Agent> | undefined;

  constructor(options: HttpTransportOptions) {
    this.url = options.url;
    this.#options = options;
  }

  async send(body: Uint8Array, timeoutMs: number): Promise<SendOutcome> {
    if (performance.now() < this.#pausedUntilMs) return failure(STALLED, true);
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
      const leftMs = Math.max(1, timeoutMs - (performance.now() - startMs));
      return await this.#post(url, headers, await newAgent(), data, leftMs);
    } catch (thrown) {
      return failure(codeOf(thrown), false);
    }
  }

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
        clearTimeout(stalled);
        this.#inFlight.delete(giveUp);
        resolve(outcome);
        if (!outcome.ok) request.destroy();
      };
      const giveUp = (reason: string): void => finish(failure(reason, true));
      const timer = setTimeout(giveUp, timeoutMs, 'timeout').unref();
      const stalled = setTimeout(() => {
        this.#pausedUntilMs = performance.now() + STALL_PAUSE_MS;
        giveUp(STALLED);
      }, STALL_MS_MAX).unref();
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
      writePieces(request, data, {
        onPiece: () => void stalled.refresh(),
        onLast: () => clearTimeout(stalled),
      });
    });
  }
}

/** Of a connection that had served before. */
const STALE: SendOutcome = failure('ECONNRESET', true);

interface Progress {
  readonly onPiece: () => void;
  readonly onLast: () => void;
}

function writePieces(request: http.ClientRequest, data: Uint8Array, progress: Progress, from = 0): void {
  const end = from + PIECE_BYTES;
  if (end >= data.byteLength) {
    request.end(data.subarray(from), progress.onLast);
    return;
  }
  request.write(data.subarray(from, end), (error) => {
    // Of an error the request itself speaks.
    if (error) return;
    progress.onPiece();
    writePieces(request, data, progress, end);
  });
}

function outcomeOf(response: http.IncomingMessage, body: Uint8Array): SendOutcome {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return { ok: true, body };
  const seconds = Number(response.headers['retry-after']);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
  return failure(`HTTP ${status}`, RETRYABLE_STATUS.has(status), retryAfterMs);
}
