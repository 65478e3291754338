import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An answer of the application. */
interface Answer {
  readonly status: number;
  readonly bodyBytes: number;
}

/**
 * A connection that asks one thing after the other. Written for its price: the load shares a core with the database, and
 * `node:http` would take more of it than the application gets.
 */
export class KeepAliveConnection {
  readonly #socket: Socket;
  #received = '';
  #waiting: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#take(text));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The application has closed the connection.')));
  }

  static async open(port: number): Promise<KeepAliveConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new KeepAliveConnection(socket);
  }

  /** Sends a GET and waits for the whole answer. */
  async get(path: string): Promise<Answer> {
    return await new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const bodyAt = this.#received.indexOf('\r\n\r\n') + 4;
    if (bodyAt < 4) return;
    const head = this.#received.slice(0, bodyAt);
    const bodyBytes = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(bodyBytes)) return this.#fail(new Error(`The answer has no Content-Length:\n${head}`));
    if (this.#received.length < bodyAt + bodyBytes) return;
    this.#received = '';
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status: Number(head.slice(9, 12)), bodyBytes });
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
