import { once } from 'node:events';
import { createServer } from 'node:net';
import { EnvironmentError } from './environment-error.ts';

/** Ports on 127.0.0.1 that nobody listens on now; all are held until the last one is known, so that no two are the same. */
export async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(probes.map((probe) => once(probe, 'listening')));
  return await Promise.all(
    probes.map(async (probe) => {
      const address = probe.address();
      probe.close();
      await once(probe, 'close');
      if (address === null || typeof address === 'string') throw new EnvironmentError('No free port on 127.0.0.1.');
      return address.port;
    }),
  );
}
