import { Server, ServerCredentials, type Metadata, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';

/** One call as it arrived. */
export interface GrpcReceived {
  readonly path: string;
  readonly metadata: Metadata;
  readonly body: Buffer;
}

/** How a call is answered; it may never be. */
export type GrpcAnswer = (callback: sendUnaryData<Buffer>) => void;

export const take: GrpcAnswer = (callback) => callback(null, Buffer.alloc(0));
export const neverAnswer: GrpcAnswer = () => undefined;

const METHODS = [
  '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
];

/** A collector that speaks OTLP over gRPC: the server of gRPC's own authors, on a free port of 127.0.0.1 or at `address`. */
export class GrpcCollector {
  readonly received: GrpcReceived[] = [];
  readonly #server = new Server();
  #port = 0;

  private constructor(answer: (index: number) => GrpcAnswer) {
    const asIs = (bytes: Buffer): Buffer => bytes;
    const handle = (path: string) => (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
      this.received.push({ path, metadata: call.metadata, body: call.request });
      answer(this.received.length - 1)(callback);
    };
    for (const path of METHODS) {
      this.#server.register(path, handle(path), asIs, asIs, 'unary');
    }
  }

  /** Each call is answered by the next of `answers`, the last one stays. */
  static async start(
    answers: readonly GrpcAnswer[] = [take],
    {
      credentials = ServerCredentials.createInsecure(),
      address = '127.0.0.1:0',
    }: { readonly credentials?: ServerCredentials; readonly address?: string } = {},
  ): Promise<GrpcCollector> {
    const collector = new GrpcCollector((index) => answers[Math.min(index, answers.length - 1)] ?? take);
    collector.#port = await new Promise<number>((resolve, reject) => {
      collector.#server.bindAsync(address, credentials, (error, port) => (error ? reject(error) : resolve(port)));
    });
    return collector;
  }

  /** `127.0.0.1:port` */
  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Ends at once, with every connection. */
  stop(): void {
    this.#server.forceShutdown();
  }

  /** Tells its clients to go away when their calls are answered, and takes no further ones. */
  goAway(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.tryShutdown(() => resolve());
    });
  }

  /** Resolves when `count` calls have arrived. */
  async hasReceived(count: number): Promise<void> {
    while (this.received.length < count) await new Promise((resolve) => setImmediate(resolve));
  }
}
