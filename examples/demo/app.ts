/**
 * The meetings service: starts it from PORT, DATABASE_URL and DEMO_VARIANT (`planted`, the default, `fixed`, or `cached`: planted behind
 * a cache), prints one line when it takes requests, and closes it on SIGTERM and SIGINT.
 */
import { Pool } from 'pg';
import type { Endpoints } from './endpoints/endpoints.ts';
import { fixed } from './endpoints/fixed.ts';
import { planted } from './endpoints/planted.ts';
import { buildServer } from './server.ts';

const { PORT = '3000', DATABASE_URL, DEMO_VARIANT = 'planted' } = process.env;
if (DATABASE_URL === undefined)
  throw new Error('Set DATABASE_URL, for example postgres://user:password@localhost:5432/meetings.');
const endpoints = await endpointsOf(DEMO_VARIANT);
if (endpoints === undefined)
  throw new Error(`DEMO_VARIANT="${DEMO_VARIANT}" is not known. Write planted, fixed or cached.`);

const pool = new Pool({ connectionString: DATABASE_URL, max: 12 });
// The database went away. Ending is what makes whoever runs this service notice, and start it again.
pool.on('error', (error) => {
  console.error('Lost a database connection:', error.message);
  process.exit(1);
});

const server = buildServer(endpoints, pool);
server.addHook('onClose', () => pool.end());

const address = await server.listen({ host: '127.0.0.1', port: Number(PORT) });
console.log(`meetings service (${DEMO_VARIANT}) listening on ${address}`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void server.close());

async function endpointsOf(variant: string): Promise<Endpoints | undefined> {
  if (variant === 'planted') return planted;
  if (variant === 'fixed') return fixed;
  if (variant !== 'cached') return undefined;
  // The other variants know nothing of the tool that measures them; this one takes its cache from it.
  const { cached } = await import('./endpoints/cached.ts');
  return cached(planted);
}
