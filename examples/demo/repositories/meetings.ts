import type { Pool } from 'pg';

export interface Meeting {
  readonly id: number;
  readonly title: string;
  readonly startsAt: string;
  readonly hostId: number;
}

export interface User {
  readonly id: number;
  readonly name: string;
}

/** The next `count` meetings, soonest first. */
export async function findUpcomingMeetings(db: Pool, count: number): Promise<Meeting[]> {
  const result = await db.query<Meeting>(
    `SELECT id, title, starts_at::text AS "startsAt", host_id AS "hostId" FROM meetings ORDER BY starts_at, id LIMIT $1`,
    [count],
  );
  return result.rows;
}

export async function findUser(db: Pool, id: number): Promise<User | undefined> {
  const result = await db.query<User>('SELECT id, name FROM users WHERE id = $1', [id]);
  return result.rows[0];
}

export async function findUsers(db: Pool, ids: readonly number[]): Promise<Map<number, User>> {
  const result = await db.query<User>('SELECT id, name FROM users WHERE id = ANY($1)', [ids]);
  return new Map(result.rows.map((user) => [user.id, user]));
}
