import { describe, expect, it } from 'vitest';
import { readSuppressions, type Suppression } from '../../analysis/suppression.ts';
import { expiredLines, Suppressor } from '../../analysis/suppressor.ts';
import type { Finding } from '../../core/finding.ts';
import { drawnRequest } from '../../testing/index.ts';

const PICTURE = `
  GET /orders/:id                                            900ms
    pg: SELECT * FROM shop.orders WHERE user_id = 7            4ms  rows 10
    pg: SELECT * FROM users WHERE id = $1 with (#)             6ms  x10
    pg: SELECT count(*) FROM "AuditLog" WHERE day = $1 with (1) 250ms`;
const DAY = Date.parse('2027-01-15T12:00:00Z');

const suppressor = (fields: Partial<Suppression>, atMs = DAY): Suppressor =>
  new Suppressor([{ reason: 'accepted', until: '2027-01-31', ...fields }], () => atMs);
const kindsWith = (fields: Partial<Suppression>, atMs = DAY): readonly string[] =>
  drawnRequest(PICTURE, { suppressor: suppressor(fields, atMs) }).findings.map(({ kind }) => kind);

const all = drawnRequest(PICTURE).findings;
const fingerprintOf = (kind: string): Finding =>
  all.find((finding) => finding.kind === kind) ?? expect.fail(`${kind} is not found`);

describe('a suppression', () => {
  it('is needed: without one both are reported', () => {
    expect(all.map(({ kind }) => kind)).toEqual(['n-plus-one', 'slow-query']);
  });

  it.each<[string, Partial<Suppression>]>([
    ['its fingerprint', { fingerprint: fingerprintOf('n-plus-one').fingerprint }],
    ["its query's fingerprint", { fingerprint: String(fingerprintOf('n-plus-one').evidence.queryFingerprint) }],
    ['its statement', { text: 'SELECT * FROM users WHERE id = $1' }],
    ['its statement as somebody else spells it', { text: 'select *  from Users where id = $1 -- the loop' }],
    ['its table', { table: 'users' }],
    ['its table in other letters', { table: 'USERS' }],
    ['its route and kind', { route: '/orders/:id', kind: 'n-plus-one' }],
    ['its endpoint and kind', { route: 'GET /orders/:id', kind: 'n-plus-one' }],
  ])('takes out the finding that it names by %s, and no other', (_by, fields) => {
    expect(kindsWith(fields)).toEqual(['slow-query']);
  });

  it('knows a quoted table, and one with a schema', () => {
    expect(kindsWith({ table: 'auditlog' })).toEqual(['n-plus-one']);
    const slow = 'GET /x 900ms\n  pg: SELECT count(*) FROM shop.orders WHERE a = 1 300ms';
    const findingsWith = (table: string) => drawnRequest(slow, { suppressor: suppressor({ table }) }).findings;
    expect(findingsWith('orders')).toEqual([]);
    expect(findingsWith('shop.orders')).toEqual([]);
    expect(findingsWith('ders')).toHaveLength(1);
    expect(findingsWith('other.orders')).toHaveLength(1);
  });

  it('takes out all findings of its route', () => {
    expect(kindsWith({ route: '/orders/:id' })).toEqual([]);
    expect(kindsWith({ route: '/orders' })).toHaveLength(2);
    expect(kindsWith({ route: 'POST /orders/:id' })).toHaveLength(2);
  });

  it('names a line, or a whole file', () => {
    const finding = fingerprintOf('n-plus-one');
    const located = {
      ...finding,
      evidence: { ...finding.evidence, callSite: { file: 'src/orders.ts', line: 42, column: 7 } },
    };
    const takesOut = (callSite: string): boolean => suppressor({ callSite }).takesOut(located);
    expect(['src/orders.ts', 'src/orders.ts:42', 'src/orders.ts:42:7'].map(takesOut)).toEqual([true, true, true]);
    expect(['orders.ts', 'src/orders.ts:43', 'src/orders.ts:4', 'src/orders'].map(takesOut)).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(suppressor({ callSite: 'src/orders.ts' }).takesOut(finding)).toBe(false);
  });

  it('must fit with every selector that it has', () => {
    expect(kindsWith({ table: 'users', route: '/elsewhere' })).toHaveLength(2);
    expect(kindsWith({ table: 'users', route: '/orders/:id' })).toEqual(['slow-query']);
  });

  it('holds through its last day, and then the finding speaks again', () => {
    const fields = { route: '/orders/:id' };
    expect(kindsWith(fields, Date.parse('2027-01-31T23:59:59.999Z'))).toEqual([]);
    expect(kindsWith(fields, Date.parse('2027-02-01T00:00:00Z'))).toHaveLength(2);
  });

  it('says that it has expired, with its day and reason', () => {
    const suppressions = [{ route: '/x', reason: 'the new index comes in March', until: '2027-01-31' }];
    expect(expiredLines(suppressions, Date.parse('2027-02-01'))).toEqual([
      'a suppression expired on 2027-01-31 (the new index comes in March): what it named is reported again.',
    ]);
    expect(expiredLines(suppressions, Date.parse('2027-02-01') - 1)).toEqual([]);
  });

  it('counts what it took out, and the record counts it too', () => {
    const counting = suppressor({ route: '/orders/:id' });
    expect(drawnRequest(PICTURE, { suppressor: counting }).findingsSuppressed).toBe(2);
    expect(counting.uses()).toMatchObject([{ takenOutCount: 2, expired: false }]);
    expect(drawnRequest(PICTURE).findingsSuppressed).toBe(0);
  });
});

describe('suppressions from outside', () => {
  const entry = { table: 'users', reason: 'known', until: '2027-01-31' };

  it('are read as they are', () => {
    expect(readSuppressions([entry], 'suppress')).toEqual({ suppressions: [entry], problems: [] });
    expect(readSuppressions([], 'suppress')).toEqual({ suppressions: [], problems: [] });
  });

  it.each<[string, unknown, string]>([
    ['without a reason', { table: 'users', until: '2027-01-31' }, 'has no reason'],
    ['with an empty reason', { ...entry, reason: ' ' }, 'has a reason that is no text'],
    ['without a day', { table: 'users', reason: 'known' }, 'has no day in until'],
    ['with a day that does not exist', { ...entry, until: '2027-02-30' }, 'has no day in until'],
    ['with a moment for a day', { ...entry, until: '2027-01-31T10:00:00Z' }, 'has no day in until'],
    ['that names nothing', { reason: 'known', until: '2027-01-31', kind: 'n-plus-one' }, 'names nothing'],
    ['with a field that does not exist', { ...entry, tabel: 'users' }, 'has a field "tabel"'],
    ['with a number for a text', { ...entry, table: 7 }, 'has a table that is no text'],
    ['that is null', null, 'is no object'],
    ['that is a text', 'users', 'is no object'],
  ])('leave out one %s, and say so', (_how, bad, problem) => {
    const { suppressions, problems } = readSuppressions([bad, entry], 'suppress');
    expect(suppressions).toEqual([entry]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`suppress[0] ${problem}`);
    expect(problems[0]).toContain('it is left out.');
  });

  it.each([[undefined], [null], ['x'], [{ table: 'users' }]])('are none where %j stands', (value) => {
    const { suppressions, problems } = readSuppressions(value, 'suppress');
    expect(suppressions).toEqual([]);
    expect(problems[0]).toContain('suppress is not a list');
  });

  it('are at most 1000, and at most 20 lines say what is wrong', () => {
    const { suppressions, problems } = readSuppressions(
      Array.from({ length: 2000 }, () => entry),
      'suppress',
    );
    expect(suppressions).toHaveLength(1000);
    expect(problems).toHaveLength(20);
  });
});
