import { KeepAliveConnection } from './keep-alive-connection.ts';

export const CONNECTIONS = 8;

/** Sends requests over connections that stay open, each one's next when its last is answered. */
export class Load {
  readonly #connections: readonly KeepAliveConnection[];

  private constructor(connections: readonly KeepAliveConnection[]) {
    this.#connections = connections;
  }

  static async open(port: number): Promise<Load> {
    return new Load(await Promise.all(Array.from({ length: CONNECTIONS }, () => KeepAliveConnection.open(port))));
  }

  /**
   * Sends `count` requests and returns the bytes of all bodies together: the same for every tool, or one changed an answer.
   * @throws {Error} if an answer is not 200.
   */
  async send(path: (n: number) => string, count: number): Promise<number> {
    let next = 0;
    let bytes = 0;
    const ask = async (connection: KeepAliveConnection): Promise<void> => {
      while (next < count) {
        const asked = path(next++);
        const { status, bodyBytes } = await connection.get(asked);
        if (status !== 200) throw new Error(`GET ${asked} was answered with ${status}.`);
        bytes += bodyBytes;
      }
    };
    await Promise.all(this.#connections.map(ask));
    return bytes;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}
