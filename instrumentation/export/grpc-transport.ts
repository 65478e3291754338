import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectEncrypted, type ConnectionOptions } from 'node:tls';
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

/** By number: https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const STATUS_NAMES = (
  'OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED ' +
  'FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED'
).split(' ');
/** https://opentelemetry.io/docs/specs/otlp/#failures */
const RETRYABLE_NAMES = new Set([
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNAVAILABLE',
  'DATA_LOSS',
]);
/** One byte says whether the message is compressed, four how long it is. */
const PREFIX_BYTES = 5;

/** Certificates, in PEM, and the path of a Unix domain socket. */
export interface ConnectOptions extends Pick<ConnectionOptions, 'ca' | 'cert' | 'key'> {
  readonly socketPath?: string | undefined;
}

interface Connection {
  readonly session: ClientHttp2Session;
  readonly socket: Socket;
}

export interface GrpcTransportOptions {
  /** `http://host:port` or `https://host:port`. */
  readonly url: string;
  /** Of the method. */
  readonly path: string;
  readonly headers: () => Promise<Record<string, string>>;
  readonly connectOptions: () => Promise<ConnectOptions>;
  readonly compress: boolean;
}

/**
 * Sends bodies as calls of one gRPC method, over Node's HTTP/2: a call of `@grpc/grpc-js` keeps the process alive until its
 * deadline. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export class GrpcTransport implements OtlpTransport {
  readonly url: string;
  readonly #options: GrpcTransportOptions;
  #connection: Connection | undefined;
  readonly #inFlight = new Set<(reason: string) => void>();
  #pausedUntilMs = 0;

  constructor(options: GrpcTransportOptions) {
    this.url = options.url;
    this.#options = options;
  }

  async send(body: Uint8Array, timeoutMs: number): Promise<SendOutcome> {
    if (performance.now() < this.#pausedUntilMs) return failure(STALLED, true);
    try {
      const headers = await this.#options.headers();
      const connection = this.#connected(await this.#options.connectOptions());
      return await this.#call(connection, headers, body, timeoutMs);
    } catch (thrown) {
      return failure(codeOf(thrown), false);
    }
  }

  abort(reason: string): void {
    for (const end of this.#inFlight) end(reason);
  }

  #connected(options: ConnectOptions): Connection {
    const current = this.#connection?.session;
    if (this.#connection !== undefined && current?.closed === false && !current.destroyed) return this.#connection;
    const url = new URL(this.url);
    const socket = openSocket(url, options);
    // Loaded when it is asked for: nobody else may need it.
    const session = process.getBuiltinModule('node:http2').connect(url, { createConnection: () => socket });
    const stalled = setTimeout(() => {
      this.#pausedUntilMs = performance.now() + STALL_PAUSE_MS;
      socket.destroy(Object.assign(new Error('no connection'), { code: STALLED }));
    }, STALL_MS_MAX).unref();
    session.unref();
    session.once('connect', () => clearTimeout(stalled));
    socket.once('close', () => clearTimeout(stalled));
    // Its calls tell of its errors.
    session.on('error', () => undefined);
    return (this.#connection = { session, socket });
  }

  #call(
    { session, socket }: Connection,
    headers: Record<string, string>,
    body: Uint8Array,
    timeoutMs: number,
  ): Promise<SendOutcome> {
    const { path, compress } = this.#options;
    const call = session.request({
      ...headers,
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': `${Math.ceil(timeoutMs)}m`,
      'grpc-accept-encoding': 'identity',
      ...(compress && { 'grpc-encoding': 'gzip' }),
    });
    return new Promise((resolve) => {
      const finish = (outcome: SendOutcome): void => {
        clearTimeout(timer);
        this.#inFlight.delete(giveUp);
        resolve(outcome);
      };
      const giveUp = (reason: string): void => {
        finish(failure(reason, true));
        // The connection with it: one that has gone dead says nothing, and the next call needs another.
        session.destroy();
        // A session that has no connection yet leaves its socket to connect.
        socket.destroy();
      };
      const timer = setTimeout(giveUp, timeoutMs, 'timeout').unref();
      this.#inFlight.add(giveUp);
      readAnswer(call, finish);
      call.end(messageOf(body, compress));
    });
  }
}

function readAnswer(call: ClientHttp2Stream, finish: (outcome: SendOutcome) => void): void {
  let headers: IncomingHttpHeaders & IncomingHttpStatusHeader = {};
  let trailers: IncomingHttpHeaders = {};
  let error = 'ECONNRESET';
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  call.on('response', (received) => (headers = received));
  call.on('trailers', (received) => (trailers = received));
  call.on('data', (chunk: Uint8Array) => {
    byteCount += chunk.byteLength;
    if (byteCount <= MAX_RESPONSE_BYTES) {
      chunks.push(chunk);
      return;
    }
    finish(failure('response too large', false));
    call.destroy();
  });
  // A call that waited for a connection tells the connection's error as the cause of its own.
  call.on('error', (thrown) => (error = codeOf(thrown.cause ?? thrown)));
  call.on('close', () => {
    const status = headers[':status'];
    // Without a message, what would stand in the trailers is in the headers.
    const grpcStatus = trailers['grpc-status'] ?? headers['grpc-status'];
    if (status !== undefined && status !== 200) finish(failure(`HTTP ${status}`, RETRYABLE_STATUS.has(status)));
    else if (grpcStatus === '0') finish({ ok: true, body: firstMessage(Buffer.concat(chunks)) });
    else if (grpcStatus === undefined) finish(failure(error, true));
    else {
      const details = trailers['grpc-status-details-bin'] ?? headers['grpc-status-details-bin'];
      finish(grpcFailure(Number(grpcStatus), details));
    }
  });
}

function grpcFailure(status: number, details: string | string[] | undefined): SendOutcome {
  const name = STATUS_NAMES[status] ?? 'UNKNOWN';
  // "Come back later" only if it says when; "too much" otherwise.
  const isLater =
    name === 'RESOURCE_EXHAUSTED' && Buffer.from(String(details), 'base64').includes('google.rpc.RetryInfo');
  return failure(`gRPC ${name}`, isLater || RETRYABLE_NAMES.has(name));
}

function messageOf(body: Uint8Array, compress: boolean): Uint8Array {
  const data = compress ? gzipSync(body) : body;
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt8(compress ? 1 : 0);
  prefix.writeUInt32BE(data.byteLength, 1);
  return Buffer.concat([prefix, data]);
}

/** Empty when there is none that can be read: the status has said that the body was taken. */
function firstMessage(bytes: Buffer): Uint8Array {
  const isWhole = bytes.byteLength >= PREFIX_BYTES && bytes.byteLength - PREFIX_BYTES >= bytes.readUInt32BE(1);
  if (!isWhole || bytes[0] !== 0) return new Uint8Array();
  return bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + bytes.readUInt32BE(1));
}

function openSocket({ protocol, hostname, port }: URL, { socketPath, ...certificates }: ConnectOptions): Socket {
  const host = hostname.replace(/^\[|\]$/g, '');
  const isEncrypted = protocol === 'https:';
  const place =
    socketPath === undefined ? { host, port: Number(port) || (isEncrypted ? 443 : 80) } : { path: socketPath };
  if (!isEncrypted) return connectPlain(place);
  const servername = isIP(host) === 0 ? host : undefined;
  return connectEncrypted({ ...place, ...certificates, ALPNProtocols: ['h2'], ...(servername && { servername }) });
}
