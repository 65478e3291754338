const http = require('node:http');
const pg = require('pg');
const shared = require('../../fixtures/routes.cjs');

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 5 });

const server = http.createServer(shared.listener(pool));
shared.prepare(pool).then(() => {
  server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
});
