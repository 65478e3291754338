import { createServer, Agent, request, type IncomingHttpHeaders, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { AppProcess, type AppOptions } from '../../support/app-process.ts';
import { OtlpReceiver, type ReceivedSpan } from '../../support/otlp-receiver.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
}

interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The body in two packets, the second when the first has been sent. */
  readonly inTwoPackets?: boolean;
  /** The client goes away when the application has begun. */
  readonly isAborted?: boolean;
}

/** One request, by the name that its spans are compared under. */
export interface Call extends CallOptions {
  readonly label: string;
  readonly path: string;
}

export interface Run {
  readonly answers: ReadonlyMap<string, Answer>;
  /** By label: the spans of the request's trace, or of the trace that it began. */
  readonly spans: ReadonlyMap<string, readonly ReceivedSpan[]>;
  readonly app: AppProcess;
}

const PARENT_ID = '00000000000000ab';

export function hex(value: number, digits = 32): string {
  return value.toString(16).padStart(digits, '0');
}

export function traceparent(traceId: string, flags = '01'): string {
  return `00-${traceId}-${PARENT_ID}-${flags}`;
}

/** An application of the suite, a receiver of its spans, and a service that it calls, which answers with its headers. */
export class Stage {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 50 });
  readonly receiver: OtlpReceiver;
  readonly app: AppProcess;
  readonly #echo: Server;
  #port = 0;

  private constructor(receiver: OtlpReceiver, app: AppProcess, echo: Server) {
    this.receiver = receiver;
    this.app = app;
    this.#echo = echo;
  }

  static async start(options: Omit<AppOptions, 'file'>): Promise<Stage> {
    const receiver = await OtlpReceiver.start();
    const echo = createServer((incoming, response) => response.end(JSON.stringify(incoming.headers)));
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    const app = AppProcess.start({
      ...options,
      file: 'tests/apps/conformance/app.mjs',
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
        // What redaction would make alike is compared as it is.
        SLOWPATH_UNREDACTED: 'query-text,url-values,error-text',
        ECHO_URL: `http://127.0.0.1:${(echo.address() as AddressInfo).port}`,
        ...options.env,
      },
    });
    const stage = new Stage(receiver, app, echo);
    stage.#port = Number(new URL(await app.url()).port);
    return stage;
  }

  /** Ends the application, which sends what it has; then everything has arrived. */
  async end(): Promise<void> {
    try {
      await this.app.end('SIGTERM');
    } finally {
      this.app.kill();
      this.#agent.destroy();
      await this.receiver.stop();
      this.#echo.closeAllConnections();
      await new Promise((resolve) => this.#echo.close(resolve));
    }
  }

  call(path: string, options: CallOptions = {}): Promise<Answer> {
    const { method = 'GET', headers = {}, body = '', inTwoPackets = false, isAborted = false } = options;
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          port: this.#port,
          host: '127.0.0.1',
          path,
          method,
          agent: this.#agent,
          headers: { 'user-agent': 'suite', ...headers },
        },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: parsed(text), headers: response.headers }),
          );
        },
      );
      sent.on('error', (error) => (isAborted ? resolve({ status: 0, body: undefined, headers: {} }) : reject(error)));
      if (inTwoPackets) {
        sent.write(body.slice(0, 5));
        // The first part has left when the socket says so; the application is then waiting for the rest.
        setTimeout(() => sent.end(body.slice(5)), 50);
      } else sent.end(body);
      if (isAborted) setTimeout(() => sent.destroy(), 80);
    });
  }

  /** Many requests in one write, the answers read from one socket. */
  pipelined(paths: readonly { readonly path: string; readonly traceId: string }[]): Promise<readonly unknown[]> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.#port, '127.0.0.1');
      let text = '';
      socket.on('error', reject);
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const bodies = text.match(/\{"id":[^}]*\}/g) ?? [];
        if (bodies.length < paths.length) return;
        socket.destroy();
        resolve(bodies.map((body) => JSON.parse(body) as unknown));
      });
      socket.write(
        paths
          .map(
            ({ path, traceId }) =>
              `GET ${path} HTTP/1.1\r\nHost: suite\r\ntraceparent: ${traceparent(traceId)}\r\n\r\n`,
          )
          .join(''),
      );
    });
  }
}

/** Sends the calls one after the other and gives the spans of each. */
export async function drive(options: Omit<AppOptions, 'file'>, calls: readonly Call[]): Promise<Run> {
  const stage = await Stage.start(options);
  const answers = new Map<string, Answer>();
  const traceIds = new Map<string, string>();
  try {
    for (const [index, call] of calls.entries()) {
      const traceId = hex(0xabc000 + index);
      const headers = { traceparent: traceparent(traceId), ...call.headers };
      answers.set(call.label, await stage.call(call.path, { ...call, headers }));
      traceIds.set(call.label, /[0-9a-f]{32}/.exec(headers.traceparent.toLowerCase())?.[0] ?? '');
    }
  } finally {
    await stage.end();
  }
  const { spans: received } = stage.receiver;
  const spans = new Map(
    calls.map(({ label, path }) => {
      const asked = path.split('?')[0];
      const root = received.find(
        (span) => span.kind === 'SERVER' && (span.traceId === traceIds.get(label) || isOnlyRoot(span, asked, traceIds)),
      );
      return [label, received.filter((span) => span.traceId === root?.traceId)];
    }),
  );
  return { answers, spans, app: stage.app };
}

/** A request whose parent could not be read has begun a trace of its own. */
function isOnlyRoot(span: ReceivedSpan, path: string | undefined, known: ReadonlyMap<string, string>): boolean {
  return span.attributes['url.path'] === path && ![...known.values()].includes(span.traceId);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
