// A small service over PostgreSQL: one endpoint queries in a loop, the other asks once for the same.
import { createServer } from 'node:http';
import { Pool } from 'pg';

const { DATABASE_URL, SQL_LITERAL } = process.env;
const pool = new Pool({ connectionString: DATABASE_URL, max: 2 });

const endpoints = {
  async '/orders'() {
    const { rows } = await pool.query(
      `SELECT id, user_email FROM orders WHERE note <> '${SQL_LITERAL}' ORDER BY id LIMIT 10`,
    );
    const orders = [];
    for (const { id, user_email: email } of rows) {
      const found = await pool.query('SELECT name FROM users WHERE email = $1', [email]);
      orders.push({ id, user: found.rows[0].name });
    }
    return orders;
  },
  async '/orders-joined'() {
    const { rows } = await pool.query(
      'SELECT o.id, u.name AS user FROM orders o JOIN users u ON u.email = o.user_email ORDER BY o.id LIMIT 10',
    );
    return rows;
  },
};

const server = createServer(async (request, response) => {
  const answer = await endpoints[request.url.split('?')[0]]();
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
});
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
process.once('SIGTERM', () => {
  server.close();
  void pool.end();
});
