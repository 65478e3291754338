import type { DatabaseClient, QueryGroup } from '../../core/types.ts';
import { usableName } from './names.ts';
import { adviceOf } from './sentence.ts';

const NAMES_MAX = 4;
const NAME_LENGTH_MAX = 40;

/** How to let reads run together that wait for each other: one or two sentences, at most 300 characters. */
export function adviseConsecutive(
  groups: readonly QueryGroup[],
  client: DatabaseClient | undefined = groups.find((group) => group.client !== undefined)?.client,
): string {
  const names = [...new Set(groups.map((group) => group.summary))].filter(
    (name) => usableName(name, NAME_LENGTH_MAX) !== undefined,
  );
  const place =
    (client && PLACES[client]) ?? 'on one client or in one transaction they still wait for each other: use the pool';
  return adviceOf([`Start them together: \`await Promise.all([…])\`${listOf(names)}.`], [place]);
}

function listOf(names: readonly string[]): string {
  if (names.length === 0) return '';
  const shown = names.slice(0, NAMES_MAX);
  const more = names.length - shown.length;
  return ` for ${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

/** Where they would wait for each other all the same. */
const PLACES: Readonly<Partial<Record<DatabaseClient, string>>> = {
  pg: 'on one client or in one transaction they still wait for each other: use `pool.query()`',
  mysql2: 'on one connection or in one transaction they still wait for each other: use `pool.query()`',
  mysql: 'on one connection or in one transaction they still wait for each other: use `pool.query()`',
  prisma: '`$transaction([…])` runs them in turn: call them on the client itself',
  knex: 'on one `trx` they still wait for each other: call them on `knex`',
  objection: 'with one `trx` they still wait for each other: leave it out',
  drizzle: 'on one `tx` they still wait for each other: call them on `db`, with a pool',
  typeorm: 'on one query runner or in one transaction they still wait for each other: use the data source',
  sequelize: 'with one `transaction` they still wait for each other: leave it out',
  'mikro-orm': 'one `em` in a transaction still runs them in turn: load them outside of it',
  mongoose: 'in one session they still wait for each other',
  mongodb: 'in one session they still wait for each other',
};
