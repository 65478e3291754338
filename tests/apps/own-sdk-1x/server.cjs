const http = require('node:http');
const pg = require('pg');
const shared = require('../../fixtures/routes.cjs');

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 5 });
const routes = shared.routes(pool);

const server = http.createServer((request, response) => {
  const user = /^\/users\/(\d+)$/.exec(request.url);
  const route = user ? routes['/users/:id'] : routes[request.url];
  if (!route) {
    response.writeHead(404).end();
    return;
  }
  route(user?.[1]).then(
    (rows) => response.end(JSON.stringify(rows)),
    () => response.writeHead(500).end(),
  );
});
shared.prepare(pool).then(() => {
  server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
});
