import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });

const rowsOf = async (text, values) => (await pool.query(text, values)).rows;
const findUser = async (id) => (await rowsOf('SELECT id, name, email FROM users WHERE id = $1', [id]))[0];

/** 1 query. */
export const user = (id) => findUser(id);

/** 3 queries. */
export async function meetingsOf(id) {
  const host = await findUser(id);
  const meetings = await rowsOf(
    'SELECT id, title, starts_at FROM meetings WHERE host_id = $1 ORDER BY starts_at LIMIT 10',
    [id],
  );
  const [count] = await rowsOf('SELECT count(*)::int AS meetings FROM meetings WHERE host_id = $1', [id]);
  return { host, meetings, ...count };
}

/** 21 queries: the meetings, then each one's host. */
export async function meetingsWithHosts() {
  const meetings = await rowsOf('SELECT id, title, host_id FROM meetings ORDER BY id LIMIT 20');
  const withHosts = [];
  for (const meeting of meetings) withHosts.push({ ...meeting, host: await findUser(meeting.host_id) });
  return withHosts;
}
