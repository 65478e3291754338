const express = require('express');
const pg = require('pg');
const shared = require('../../fixtures/routes.cjs');

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 5 });
const app = express();
for (const [path, route] of Object.entries(shared.routes(pool))) {
  app.get(path, async (request, response) => response.json(await route(request.params.id)));
}
app.use((_error, _request, response, _next) => response.status(500).end());
shared.prepare(pool).then(() => {
  const server = app.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
});
