import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Stands between an application and its database and counts the statements that go over the wire. */
export interface QueryCountingProxy {
  /** The database's URL, by way of the proxy. */
  readonly url: string;
  /** Statements since the last call. */
  takeCount(): number;
  close(): Promise<void>;
}

/**
 * Counts the messages that run a statement: Query and Execute of the frontend protocol,
 * https://www.postgresql.org/docs/current/protocol-message-formats.html. Connections must not be encrypted.
 */
export async function startQueryCountingProxy(databaseUrl: string): Promise<QueryCountingProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((client) => {
    const database = connect(Number(target.port || 5432), target.hostname);
    const countStatements = createStatementCounter(() => count++);
    client.on('data', countStatements);
    client.pipe(database).pipe(client);
    for (const socket of [client, database]) {
      sockets.add(socket);
      // A side that is cut cuts the other one; that is all there is to an error of either.
      socket.on('error', () => undefined).on('close', () => [client, database].forEach((side) => side.destroy()));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${address.port}`;
  return {
    url: url.href,
    takeCount: () => {
      const taken = count;
      count = 0;
      return taken;
    },
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** Every message is a type byte and a length that counts itself; only the first one of a connection has no type byte. */
function createStatementCounter(onStatement: () => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  let typeBytes = 0;
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= typeBytes + 4) {
      const messageBytes = typeBytes + pending.readUInt32BE(typeBytes);
      if (pending.length < messageBytes) return;
      const type = typeBytes === 0 ? '' : String.fromCharCode(pending.readUInt8(0));
      if (type === 'Q' || type === 'E') onStatement();
      pending = pending.subarray(messageBytes);
      typeBytes = 1;
    }
  };
}
