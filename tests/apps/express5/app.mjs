import express from 'express';
import pg from 'pg';
import shared from '../../fixtures/routes.cjs';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 5 });
await shared.prepare(pool);

const app = express();
app.use(express.json());
const router = express.Router();
for (const [path, route] of Object.entries(shared.routes(pool))) {
  router.get(path, async (request, response) => response.json(await route(request.params.id)));
}
app.use('/', router);
// Express prints errors outside of tests' interest otherwise.
app.use((_error, _request, response, _next) => response.status(500).end());
const server = app.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
