// A service whose answers, and whose queries, take as long as they are asked to. When it ends, it prints what slowpath's monitor
// says of it.
import { performanceMonitor } from 'slowpath';
import Fastify from 'fastify';
import { Pool } from 'pg';

const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const app = Fastify();
app.get('/wait/:ms', async ({ params }) => {
  await pool.query('SELECT pg_sleep($1)', [Number(params.ms) / 1000]);
  return {};
});
const url = await app.listen({ port: 0, host: '127.0.0.1' });
console.log(`listening on ${url}`);
process.once('SIGTERM', async () => {
  const requests = performanceMonitor.getStatistics({ endpoint: 'GET /wait/:ms' });
  const { queries } = performanceMonitor.getQueryStatistics();
  console.log(`statistics ${JSON.stringify({ requests, queries })}`);
  await app.close();
  await pool.end();
});
