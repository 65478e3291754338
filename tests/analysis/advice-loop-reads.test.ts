import { describe, expect, it } from 'vitest';
import { adviseLoop } from '../../analysis/advice.ts';
import type { DatabaseClient } from '../../core/types.ts';
import { adviceGroup, CLIENTS, sourceOf, systemOf } from './advice-group.ts';

const orders = sourceOf('SELECT orders');

describe('a loop that looks rows up by their key', () => {
  const said = (client?: DatabaseClient) =>
    adviseLoop({ group: adviceGroup({ client, system: systemOf(client) }), parallel: false, source: orders });

  it.each<[DatabaseClient, readonly string[]]>([
    ['pg', ['`SELECT … FROM users WHERE id = ANY($1)`', 'array of all ids', 'Map by id', 'JOIN it to orders']],
    ['mysql2', ["`pool.query('SELECT … FROM users WHERE id IN (?)', [ids])`", '`execute()` takes no array']],
    ['mysql', ["`pool.query('SELECT … FROM users WHERE id IN (?)', [ids])`"]],
    ['knex', ["`knex('users').whereIn('id', ids)`", 'join it to orders']],
    ['objection', ["`Order.query().withGraphFetched('user')`", "`User.query().whereIn('id', ids)`"]],
    ['drizzle', ['`db.query.orders.findMany({ with: { user: true } })`', 'inArray(users.id, ids)']],
    ['sequelize', ['`Order.findAll({ include: User })`', '`User.findAll({ where: { id: ids } })`']],
    ['typeorm', ['`relations: { user: true }` in the find() of Order', '`findBy({ id: In(ids) })` on User']],
    [
      'prisma',
      [
        '`prisma.order.findMany({ include: { user: true } })`',
        '`prisma.user.findMany({ where: { id: { in: ids } } })`',
        '`findUnique` calls of one tick are batched, `findFirst` and `findMany` are not',
      ],
    ],
    ['mikro-orm', ["`em.populate(orders, ['user'])`", '`em.find(User, { id: { $in: ids } })`']],
    ['mongoose', ["`Order.find().populate('user')`", '`User.find({ id: { $in: ids } })`']],
    ['mongodb', ["`db.collection('users').find({ id: { $in: ids } })`", '`$lookup`']],
  ])('is put in the words of %s', (client, parts) => {
    for (const part of parts) expect(said(client)).toContain(part);
  });

  it('says of mysql what differs from mysql2', () => {
    expect(said('mysql')).not.toContain('execute');
  });

  it('has words of its own for each client', () => {
    expect(new Set(CLIENTS.map(said)).size).toBe(CLIENTS.length);
  });

  it('is SQL when the client is not known, as with its driver', () => {
    expect(said(undefined)).toBe(said('pg'));
  });

  it.each([
    ['postgresql', 'id = ANY($1)'],
    ['mysql', 'id IN (…)'],
    ['mariadb', 'id IN (…)'],
    ['sqlite', 'id IN (…)'],
    ['microsoft.sql_server', 'id IN (…)'],
    ['oracle', 'id IN (…)'],
  ])('lists values as %s does', (system, list) => {
    expect(adviseLoop({ group: adviceGroup({ system }), parallel: false, source: undefined })).toContain(
      `WHERE ${list}\``,
    );
  });

  it('lets a call site know the client better than the spans', () => {
    const group = adviceGroup({ client: 'pg' });
    expect(adviseLoop({ group, parallel: false, source: orders, client: 'prisma' })).toContain('prisma.user');
  });
});

describe('a loop that loads the rows below a row', () => {
  const said = (client: DatabaseClient | undefined, filterColumn = 'order_id') =>
    adviseLoop({
      group: adviceGroup({ client, summary: 'SELECT order_lines', traits: { tables: ['order_lines'], filterColumn } }),
      parallel: false,
      source: orders,
    });

  it('groups them by the column', () => {
    expect(said('pg')).toContain('group them by order_id in a Map');
  });

  it('names the relation in the plural', () => {
    expect(said('prisma')).toContain('`prisma.order.findMany({ include: { orderLines: true } })`');
    expect(said('typeorm')).toContain('`relations: { orderLines: true }`');
  });

  it('says nothing of `findUnique`, which finds no list', () => {
    expect(said('prisma')).not.toContain('findUnique');
  });

  it('takes a table’s own id with its name for its key', () => {
    expect(said('pg', 'order_line_id')).toContain('look them up in a Map by order_line_id');
  });
});

describe('what is known of a loop', () => {
  const group = adviceGroup();

  it.each([
    ['that may be chance', sourceOf('SELECT orders', 'order')],
    ['that is not known', undefined],
  ])('does not name a source %s', (_which, source) => {
    expect(adviseLoop({ group, parallel: false, source })).not.toMatch(/orders|JOIN/);
    expect(adviseLoop({ group, parallel: false, source, client: 'prisma' })).toContain(
      '`include: { user: true }` in the query before the loop',
    );
  });

  it('says what running at the same time costs, and what sees all resolvers', () => {
    const said = adviseLoop({ group, parallel: true, source: undefined });
    expect(said).toContain('Each takes a connection of the pool at the same time');
    expect(said).toContain('in GraphQL resolvers use a DataLoader keyed by id.');
    expect(adviseLoop({ group, parallel: false, source: undefined })).not.toMatch(/pool|DataLoader/);
  });

  it('sends to the outer loop first', () => {
    expect(adviseLoop({ group, parallel: true, source: undefined, nested: 2 })).toContain('fix the outer one first');
    expect(adviseLoop({ group, parallel: true, source: undefined, nested: 1 })).not.toContain('outer');
  });

  it('invents no column', () => {
    const traits = { filterColumn: undefined };
    expect(adviseLoop({ group: adviceGroup({ traits }), parallel: false, source: orders })).toBe(
      'Load all rows of users in one query (a JOIN with orders, or a list of all values in its WHERE) and look them up in a Map.',
    );
    expect(adviseLoop({ group: adviceGroup({ traits, client: 'prisma' }), parallel: false, source: orders })).toContain(
      '(`include` in the query before, or ',
    );
    const mongo = adviceGroup({ traits, client: 'mongoose', system: 'mongodb' });
    expect(adviseLoop({ group: mongo, parallel: false, source: orders })).toMatch(/users.*\$in.*populate/);
    expect(adviseLoop({ group: mongo, parallel: false, source: orders })).not.toMatch(/\bid\b/);
  });

  it('invents no table', () => {
    const traits = { tables: [], filterColumn: undefined };
    expect(adviseLoop({ group: adviceGroup({ traits, client: 'drizzle' }), parallel: false, source: orders })).toBe(
      'Load all rows in one query (a JOIN, or a list of all values in its WHERE) and look them up in a Map.',
    );
  });
});

describe('names as they are written', () => {
  const said = (system: string, table: string, filterColumn: string, text = '', client?: DatabaseClient) =>
    adviseLoop({
      group: adviceGroup({ system, text, client, traits: { tables: [table], filterColumn } }),
      parallel: false,
      source: undefined,
    });

  it('keeps the quotes that PostgreSQL needs', () => {
    const text = 'SELECT * FROM "public"."User" WHERE "teamId" = $1';
    expect(said('postgresql', 'public.User', 'teamId', text)).toContain('FROM public."User" WHERE "teamId" = ANY($1)');
    expect(said('postgresql', 'Users', 'teamId', 'SELECT * FROM Users WHERE teamId = $1')).toContain(
      'FROM Users WHERE teamId = ANY($1)',
    );
  });

  it.each([
    ['microsoft.sql_server', 'dbo.[Order Details]', 'dbo.[Order Details] WHERE [Order ID]'],
    ['mysql', '`order details`', '`order details` WHERE `Order ID`'],
    ['sqlite', '"order details"', '"order details" WHERE "Order ID"'],
  ])('is SQL for names that are no identifiers, whatever the client: %s', (system, table, sql) => {
    expect(said(system, table, 'Order ID', '', 'prisma')).toContain(`FROM ${sql} IN (…)`);
  });

  it.each([
    ['public.User', 'prisma.user.'],
    ['users', 'prisma.user.'],
    ['order_lines', 'prisma.orderLine.'],
    ['OrderLine', 'prisma.orderLine.'],
    ['categories', 'prisma.category.'],
    ['addresses', 'prisma.address.'],
    ['batches', 'prisma.batch.'],
    ['movies', 'prisma.movie.'],
    ['series', 'prisma.series.'],
    ['status', 'prisma.status.'],
    ['statuses', 'prisma.statuses.'],
    ['caches', 'prisma.caches.'],
    ['news', 'prisma.news.'],
    ['USERS', 'prisma.user.'],
  ])('makes a model of %s only where the ending leaves no doubt', (table, model) => {
    expect(said('postgresql', table, 'id', '', 'prisma')).toContain(model);
  });
});

describe('loops with more than a lookup', () => {
  const lines = { tables: ['lines'], filterColumn: 'order_id' };
  const said = (traits: object, client?: DatabaseClient, system = 'postgresql', text = 'SELECT count(*) FROM lines') =>
    adviseLoop({
      group: adviceGroup({ client, system, text, traits: { ...lines, ...traits } }),
      parallel: false,
      source: orders,
    });

  it.each<[DatabaseClient | undefined, string]>([
    [undefined, '`SELECT order_id, count(*) FROM lines WHERE order_id = ANY($1) GROUP BY order_id`'],
    ['prisma', "`prisma.line.groupBy({ by: ['order_id'], where: { order_id: { in: orderIds } }, _count: true })`"],
    ['sequelize', "`Line.count({ where: { order_id: orderIds }, group: ['order_id'] })`"],
    ['knex', "`knex('lines').select('order_id').count().whereIn('order_id', orderIds).groupBy('order_id')`"],
    ['drizzle', '.groupBy(lines.order_id)`'],
    ['typeorm', '`SELECT order_id, count(*) FROM lines WHERE order_id = ANY($1) GROUP BY order_id`'],
  ])('counts for all rows at once: %s', (client, part) => {
    expect(said({ aggregated: true }, client)).toContain(part);
  });

  it('does not call a sum a count', () => {
    const sum = said({ aggregated: true }, 'prisma', 'postgresql', 'SELECT sum(price) AS "count" FROM lines');
    expect(sum).toContain('`SELECT order_id, … FROM lines WHERE order_id = ANY($1) GROUP BY order_id`');
  });

  it.each<[DatabaseClient | undefined, string, string]>([
    [
      undefined,
      'postgresql',
      '`SELECT DISTINCT ON (order_id) … FROM lines WHERE order_id = ANY($1) ORDER BY order_id, …`',
    ],
    [undefined, 'mysql', '`ROW_NUMBER() OVER (PARTITION BY order_id ORDER BY …)` over `lines WHERE order_id IN (…)`'],
    ['prisma', 'postgresql', '`include: { lines: { orderBy: …, take: … } }`'],
    ['drizzle', 'postgresql', '`with: { lines: { orderBy: …, limit: … } }`'],
    ['sequelize', 'postgresql', '`include: { model: Line, separate: true, order: …, limit: … }`'],
  ])('loads the first rows for all at once: %s on %s', (client, system, part) => {
    expect(said({ ordered: true, limited: true }, client, system)).toContain(part);
  });

  it('takes a LIMIT without an order for the lookup of one row', () => {
    expect(said({ limited: true })).toContain('group them by order_id');
  });

  it.each<[DatabaseClient | undefined, string, string]>([
    [undefined, 'postgresql', '`SELECT … FROM lines WHERE order_id = ANY($1) ORDER BY order_id FOR UPDATE`'],
    [undefined, 'mysql', '`SELECT … FROM lines WHERE order_id IN (…) ORDER BY order_id FOR UPDATE`'],
    [undefined, 'microsoft.sql_server', 'FROM lines WITH (UPDLOCK, ROWLOCK) WHERE order_id IN (…) ORDER BY order_id`'],
    ['prisma', 'postgresql', '(with `$queryRaw`)'],
  ])('locks in one statement and a fixed order: %s on %s', (client, system, part) => {
    const advice = said({ locks: true, ordered: true, limited: true }, client, system);
    expect(advice).toContain('in a fixed order so that two requests cannot deadlock');
    expect(advice).toContain(part);
  });

  it.each([
    [
      { aggregated: true },
      'Compute it for all rows of lines in one statement: GROUP BY the columns that it filters by.',
    ],
    [
      { ordered: true, limited: true },
      'Load the first rows of lines for all values in one statement, with DISTINCT ON or a LATERAL join.',
    ],
    [
      { locks: true },
      'Lock all rows of lines in one statement with an ORDER BY, so that two requests cannot deadlock.',
    ],
  ])('says it in general without a column: %j', (traits, advice) => {
    expect(said({ ...traits, filterColumn: undefined })).toBe(advice);
  });
});
