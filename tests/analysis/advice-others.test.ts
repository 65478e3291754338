import { describe, expect, it } from 'vitest';
import { adviseConsecutive, adviseDuplicate, adviseSlow, adviseUnbounded } from '../../analysis/advice.ts';
import type { DatabaseClient } from '../../core/types.ts';
import { adviceGroup, CLIENTS, systemOf } from './advice-group.ts';

describe('a query that is asked again with the same values', () => {
  it('is loaded once and passed down', () => {
    expect(adviseDuplicate(adviceGroup())).toBe(
      'Load users by id once per request and pass the result down, or keep its promise in a Map that lives as long as the request. In GraphQL a DataLoader per request does that.',
    );
  });

  it('invents neither table nor column', () => {
    const group = adviceGroup({ traits: { tables: [], filterColumn: undefined } });
    expect(adviseDuplicate(group).startsWith('Load it once per request and pass the result down')).toBe(true);
  });

  it.each<[DatabaseClient, string]>([
    ['prisma', 'only `findUnique` calls of one tick share a query'],
    ['mikro-orm', 'answers from its identity map'],
    ['typeorm', 'its `cache` outlives the request'],
    ['sequelize', 'pass the user, not its id'],
    ['mongoose', 'the document on rather than its key'],
  ])('says how %s differs', (client, part) => {
    expect(adviseDuplicate(adviceGroup({ client }))).toContain(part);
    expect(adviseDuplicate(adviceGroup({ client: 'pg' }), client)).toContain(part);
    expect(adviseDuplicate(adviceGroup())).not.toContain(part);
  });

  it('is written once when it is a write', () => {
    expect(adviseDuplicate(adviceGroup({ kind: 'write', summary: 'UPDATE users' }))).toBe(
      'Write to users once: every repeat writes the same values.',
    );
  });
});

describe('reads that wait for each other', () => {
  const reads = ['SELECT users', 'SELECT orders', 'SELECT orders'].map((summary) => adviceGroup({ summary }));

  it('are started together, each named once', () => {
    expect(adviseConsecutive(reads)).toBe(
      'Start them together: `await Promise.all([…])` for SELECT users, SELECT orders. On one client or in one transaction they still wait for each other: use the pool.',
    );
  });

  it('are counted from the fifth on, and left out when their name is long', () => {
    const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g'.repeat(200)].map((name) =>
      adviceGroup({ summary: `SELECT ${name}` }),
    );
    expect(adviseConsecutive(many)).toContain('for SELECT a, SELECT b, SELECT c, SELECT d and 2 more.');
    expect(adviseConsecutive([])).toContain('`await Promise.all([…])`. On one client');
  });

  it.each<[DatabaseClient, string]>([
    ['pg', 'use `pool.query()`'],
    ['prisma', '`$transaction([…])` runs them in turn'],
    ['knex', 'call them on `knex`'],
    ['drizzle', 'call them on `db`'],
    ['sequelize', 'With one `transaction`'],
  ])('are told where they would still wait: %s', (client, part) => {
    expect(adviseConsecutive([adviceGroup(), adviceGroup({ client })])).toContain(part);
  });
});

describe('a read without a bound', () => {
  it.each<[DatabaseClient | undefined, string, string]>([
    [undefined, '`WHERE key > $1 ORDER BY key LIMIT $2`', 'a cursor or a stream'],
    ['pg', '`WHERE key > $1 ORDER BY key LIMIT $2`', 'pg-query-stream or pg-cursor'],
    ['mysql2', '`WHERE key > ? ORDER BY key LIMIT ?`', '.stream()` of the callback API'],
    ['prisma', '`findMany({ take, skip: 1, cursor, orderBy })`', 'go through the pages'],
    ['drizzle', '.limit(n)`', 'go through the pages'],
    ['typeorm', 'take })`', '`.stream()` of a query builder'],
    ['sequelize', 'limit })`', 'go through the pages'],
    ['knex', '.limit(n)`', '`.stream()`'],
    ['objection', '.limit(n)`', '`.toKnexQuery().stream()`'],
    ['mikro-orm', '`em.findByCursor()`', '`em.clear()`'],
    ['mongoose', '.limit(n)`', '`.lean().cursor()`'],
    ['mongodb', '.limit(n)`', 'instead of `toArray()`'],
  ])('is read in pages or as a stream: %s', (client, page, stream) => {
    const said = adviseUnbounded(adviceGroup({ client, system: systemOf(client) }));
    expect(said.startsWith('Load users page by page')).toBe(true);
    expect(said).toContain(page);
    expect(said).toContain(stream);
  });

  it('takes SQL Server’s TOP', () => {
    expect(adviseUnbounded(adviceGroup({ system: 'microsoft.sql_server' }))).toContain('SELECT TOP (n)');
  });

  it.each(CLIENTS)('names columns instead of * where there is one: %s', (client) => {
    const said = (selectsStar: boolean) =>
      adviseUnbounded(adviceGroup({ client, system: systemOf(client), traits: { selectsStar } }));
    expect(said(true)).toContain('instead of *');
    expect(said(false)).not.toContain('*');
  });
});

describe('a slow statement', () => {
  it.each([
    ['postgresql', 'Run EXPLAIN (ANALYZE, BUFFERS) on it; '],
    ['mysql', 'Run EXPLAIN ANALYZE on it; '],
    ['mariadb', 'Run ANALYZE FORMAT=JSON on it; '],
    ['sqlite', 'Run EXPLAIN QUERY PLAN on it; '],
    ['microsoft.sql_server', 'SET STATISTICS IO, TIME ON and run it; '],
    ['oracle', 'Have the database EXPLAIN it; '],
  ])('is explained as %s does', (system, start) => {
    expect(adviseSlow(adviceGroup({ system }))).toBe(
      `${start}check that there is an index that starts with id on users.`,
    );
  });

  it('is not run for good when it writes', () => {
    const write = { kind: 'write', summary: 'UPDATE users' } as const;
    expect(adviseSlow(adviceGroup(write))).toContain('between BEGIN and ROLLBACK');
    expect(adviseSlow(adviceGroup({ ...write, system: 'mysql' }))).toContain('Run EXPLAIN on it');
    expect(adviseSlow(adviceGroup({ ...write, system: 'mariadb' }))).toContain('Run EXPLAIN on it');
    expect(adviseSlow(adviceGroup({ ...write, system: 'microsoft.sql_server' }))).toContain('rolled back');
  });

  it('needs no index when it inserts', () => {
    const said = adviseSlow(
      adviceGroup({ kind: 'write', summary: 'INSERT users', traits: { filterColumn: undefined } }),
    );
    expect(said).toContain('check triggers, foreign keys and indexes of users');
  });

  it('is told when it reads the whole table', () => {
    const traits = { filterColumn: undefined, hasWhere: false };
    expect(adviseSlow(adviceGroup({ traits }))).toContain('it reads all of users');
    for (const other of [{ limited: true }, { hasWhere: true }, { tables: ['users', 'orders'] }]) {
      expect(adviseSlow(adviceGroup({ traits: { ...traits, ...other } }))).not.toContain('reads all');
    }
  });

  it('is said in general when nothing is known of it', () => {
    expect(adviseSlow(adviceGroup({ traits: { tables: [], filterColumn: undefined, hasWhere: false } }))).toBe(
      'Run EXPLAIN (ANALYZE, BUFFERS) on it; a sequential scan over a large table asks for an index on its WHERE columns.',
    );
  });

  it('asks for an index of a collection', () => {
    const traits = { filterColumn: undefined, hasWhere: false };
    expect(adviseSlow(adviceGroup({ system: 'mongodb', summary: 'find users', traits }))).toBe(
      "Run it with explain('executionStats'); a COLLSCAN asks for an index of users on the fields that it filters by.",
    );
  });
});
