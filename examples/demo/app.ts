/**
 * The meetings service: starts it from PORT, DATABASE_URL and DEMO_VARIANT (`planted`, the default, or `fixed`), prints one
 * line when it takes requests, and closes it on SIGTERM and SIGINT.
 */
import { Pool } from 'pg';
import { fixed } from './endpoints/fixed.ts';
import { planted } from './endpoints/planted.ts';
import { buildServer } from './server.ts';

const { PORT = '3000', DATABASE_URL, DEMO_VARIANT = 'planted' } = process.env;
if (DATABASE_URL === undefined)
  throw new Error('Set DATABASE_URL, for example postgres://user:password@localhost:5432/meetings.');
if (DEMO_VARIANT !== 'planted' && DEMO_VARIANT !== 'fixed') {
  throw new Error(`DEMO_VARIANT="${DEMO_VARIANT}" is not known. Write planted or fixed.`);
}

const pool = new Pool({ connectionString: DATABASE_URL, max: 12 });
// The database went away. Ending is what makes whoever runs this service notice, and start it again.
pool.on('error', (error) => {
  console.error('Lost a database connection:', error.message);
  process.exit(1);
});

const server = buildServer(DEMO_VARIANT === 'fixed' ? fixed : planted, pool);
server.addHook('onClose', () => pool.end());

const address = await server.listen({ host: '127.0.0.1', port: Number(PORT) });
console.log(`meetings service (${DEMO_VARIANT}) listening on ${address}`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void server.close());
