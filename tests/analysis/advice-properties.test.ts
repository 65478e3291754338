import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adviseConsecutive,
  adviseDuplicate,
  adviseLoop,
  adviseSlow,
  adviseUnbounded,
  type LoopToAdvise,
} from '../../analysis/advice.ts';
import type { QueryGroup, StatementTraits } from '../../core/types.ts';
import { adviceGroup, CLIENTS, sourceOf } from './advice-group.ts';

const LENGTH_MAX = 300;
const identifier = fc.stringMatching(/^[a-z_][a-z0-9_]{0,40}$/);
const anyName = fc.oneof(
  identifier,
  fc.string({ maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    'public.User',
    'dbo.[Order Details]',
    '"a""b"',
    '`',
    '"',
    '[',
    '.',
    '..',
    '$&',
    "$'",
    '',
    '__proto__',
  ),
);
const systems = ['postgresql', 'mysql', 'mariadb', 'sqlite', 'microsoft.sql_server', 'mongodb', 'oracle', ''];
const summaries = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'find', ''];

function traitsWith(name: fc.Arbitrary<string>): fc.Arbitrary<Partial<StatementTraits>> {
  return fc.record({
    tables: fc.array(name, { maxLength: 3 }),
    filterColumn: fc.option(name, { nil: undefined }),
    hasWhere: fc.boolean(),
    limited: fc.boolean(),
    ordered: fc.boolean(),
    aggregated: fc.boolean(),
    locks: fc.boolean(),
    selectsStar: fc.boolean(),
    filtersMore: fc.boolean(),
    picksRange: fc.boolean(),
  });
}

const group: fc.Arbitrary<QueryGroup> = fc
  .record({
    system: fc.constantFrom(...systems),
    client: fc.constantFrom(undefined, 'redis' as const, 'ioredis' as const, ...CLIENTS),
    kind: fc.constantFrom('read' as const, 'write' as const),
    summary: fc.tuple(fc.constantFrom(...summaries), anyName).map(([operation, name]) => `${operation} ${name}`),
    text: fc.oneof(anyName, fc.constant('SELECT count(*) FROM t')),
    traits: traitsWith(anyName),
  })
  .map(adviceGroup);

const loop: fc.Arbitrary<LoopToAdvise> = fc.record({
  group,
  parallel: fc.boolean(),
  source: fc.option(
    fc
      .tuple(anyName, fc.constantFrom('rows' as const, 'name' as const, 'order' as const))
      .map(([name, proof]) => sourceOf(`SELECT ${name}`, proof)),
    { nil: undefined },
  ),
  nested: fc.constantFrom(1, 2, 3),
});

describe('advice, whatever the statement', () => {
  it('is one line of at most 300 characters, and the same for the same statement', () => {
    fc.assert(
      fc.property(loop, fc.array(group, { maxLength: 9 }), (one, groups) => {
        const all = () => [
          adviseLoop(one),
          adviseDuplicate(one.group),
          adviseConsecutive(groups),
          adviseUnbounded(one.group),
          adviseSlow(one.group),
        ];
        for (const text of all()) {
          expect(text.length).toBeLessThanOrEqual(LENGTH_MAX);
          expect(text).toMatch(/^[A-Z].*\.$/u);
          expect(text).not.toMatch(/undefined|\[object|NaN|null/);
        }
        expect(all()).toEqual(all());
      }),
      { seed: 1, numRuns: 1500 },
    );
  });

  it('names the table and the column of a loop in SQL', () => {
    const known = fc.record({
      table: identifier,
      column: identifier,
      system: fc.constantFrom('postgresql', 'mysql', 'sqlite', 'microsoft.sql_server', 'oracle'),
      client: fc.constantFrom(undefined, 'pg' as const, 'mysql2' as const, 'mysql' as const, 'knex' as const),
      operation: fc.constantFrom('SELECT', 'UPDATE', 'DELETE'),
      special: fc.constantFrom({}, { aggregated: true }, { ordered: true, limited: true }, { locks: true }),
    });
    fc.assert(
      fc.property(known, fc.boolean(), ({ table, column, system, client, operation, special }, parallel) => {
        const said = adviseLoop({
          group: adviceGroup({
            system,
            client,
            summary: `${operation} ${table}`,
            kind: operation === 'SELECT' ? 'read' : 'write',
            traits: { tables: [table], filterColumn: column, ...special },
          }),
          parallel,
          source: undefined,
        });
        expect(said).toContain(table);
        expect(said).toContain(column);
      }),
      { seed: 2, numRuns: 1000 },
    );
  });

  it('names the column and the model of a loop in the words of an ORM', () => {
    const orms = CLIENTS.filter((client) => !['pg', 'mysql', 'mysql2', 'mongodb', 'mongoose'].includes(client));
    const table = fc.stringMatching(/^[a-z]{3,12}[bdgkmnprt]s$/);
    fc.assert(
      fc.property(fc.constantFrom(...orms), table, identifier, fc.boolean(), (client, name, column, parallel) => {
        const said = adviseLoop({
          group: adviceGroup({ client, traits: { tables: [name], filterColumn: column } }),
          parallel,
          source: undefined,
        });
        expect(said.toLowerCase()).toContain(name.slice(0, -1));
        expect(said).toContain(column);
      }),
      { seed: 3, numRuns: 1000 },
    );
  });

  it('fits and still names both when names are as long as databases allow', () => {
    const long = fc.stringMatching(/^[a-z]{62}[bdgkmnprt]s$/);
    const special = fc.constantFrom({}, { aggregated: true }, { ordered: true, limited: true }, { locks: true });
    const operation = fc.constantFrom('SELECT', 'UPDATE', 'DELETE');
    let shortened = 0;
    fc.assert(
      fc.property(
        long,
        long,
        fc.constantFrom(undefined, ...CLIENTS),
        operation,
        special,
        fc.boolean(),
        (table, column, client, op, how, filtersMore) => {
          const said = adviseLoop({
            group: adviceGroup({
              client,
              summary: `${op} ${table}`,
              kind: op === 'SELECT' ? 'read' : 'write',
              traits: { tables: [table], filterColumn: column, filtersMore, ...how },
            }),
            parallel: true,
            source: sourceOf(`SELECT ${table}`),
          });
          expect(said.length).toBeLessThanOrEqual(LENGTH_MAX);
          expect(said.toLowerCase()).toContain(table.slice(0, -1));
          expect(said).toContain(column);
          expect(said.includes('Keep its other conditions.')).toBe(filtersMore);
          if (!said.includes('Each takes')) shortened++;
        },
      ),
      { seed: 6, numRuns: 1000 },
    );
    expect(shortened).toBeGreaterThan(100);
  });

  it('names no column of a statement on several tables', () => {
    const several = fc.uniqueArray(fc.stringMatching(/^t_[a-z]{3,12}$/), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(loop, several, fc.constantFrom('SELECT', 'UPDATE', 'DELETE'), (one, tables, operation) => {
        const { group } = one;
        const traits = { ...group.traits, tables, filterColumn: 'the_column' };
        const summary = `${operation} ${tables.join(' ')}`;
        const joined: QueryGroup = {
          ...group,
          kind: operation === 'SELECT' ? 'read' : 'write',
          summary,
          text: '',
          traits,
        };
        for (const text of [adviseLoop({ ...one, group: joined }), adviseDuplicate(joined), adviseSlow(joined)]) {
          expect(text).not.toMatch(/the_?column/i);
        }
      }),
      { seed: 8, numRuns: 500 },
    );
  });

  it('speaks no SQL to MongoDB', () => {
    fc.assert(
      fc.property(loop, ({ group, ...rest }) => {
        const mongo = adviceGroup({
          ...group,
          system: 'mongodb',
          client: undefined,
          summary: 'find users',
          kind: 'read',
        });
        const traits = { ...mongo.traits, tables: ['users'], filterColumn: undefined };
        expect(adviseLoop({ ...rest, group: { ...mongo, traits } })).not.toMatch(/SELECT|JOIN|GROUP BY|WHERE|DISTINCT/);
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('keeps quoted names whole', () => {
    const words = fc.stringMatching(/^[A-Za-z ]{1,30}$/);
    fc.assert(
      fc.property(words, words, fc.constantFrom(...CLIENTS), (table, column, client) => {
        const said = adviseLoop({
          group: adviceGroup({
            client,
            system: 'microsoft.sql_server',
            traits: { tables: [`dbo.[${table} t]`], filterColumn: `${column} c` },
          }),
          parallel: true,
          source: undefined,
        });
        expect(said).toContain(`dbo.[${table} t]`);
        expect(said).toContain(`[${column} c]`);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('leaves out names that are too long or break the line', () => {
    for (const name of ['x'.repeat(65), 'a\nb', 'a\u001b[31m', 'a\u2028b']) {
      const said = adviseLoop({
        group: adviceGroup({ traits: { tables: [name], filterColumn: name } }),
        parallel: false,
        source: undefined,
      });
      expect(said).toBe(
        'Load all rows in one query (a JOIN, or a list of all values in its WHERE) and look them up in a Map.',
      );
    }
  });
});
