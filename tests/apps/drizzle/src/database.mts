import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import * as schema from './schema.mjs';

const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] ?? '', max: 4 });

export const db = drizzle(pool, { schema });
