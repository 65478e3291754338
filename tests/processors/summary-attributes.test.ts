import { describe, expect, it } from 'vitest';
import { MAX_FINDING_EVENTS } from '../../processors/summary-attributes.ts';
import { TracedApp } from './traced-app.ts';

const USERS = 'SELECT * FROM users WHERE id = $1';

describe('the summary on the root span', () => {
  it('is the counts, and nothing else where nothing was found', () => {
    const app = new TracedApp();
    const root = app.request();
    app.query(root, USERS, 2);
    app.query(root, USERS, 3);
    app.end(root);
    const span = app.exportedOf(root);
    expect(ours(span.attributes)).toEqual({
      'slowpath.endpoint': 'GET /orders',
      'slowpath.query.count': 2,
      'slowpath.query.duration': 0.005,
    });
    expect(span.events).toEqual([]);
  });

  it('has every finding as an event, at the end of the request', () => {
    const app = new TracedApp();
    const root = app.request();
    for (let n = 0; n < 10; n++) app.query(root, `SELECT * FROM users WHERE id = ${n}`, 6);
    for (let n = 0; n < 5; n++) app.query(root, `INSERT INTO log (a) VALUES (${n})`, 2);
    for (let n = 0; n < 3; n++) app.query(root, 'SELECT count(*) FROM items', 300);
    app.clock.advance(30);
    app.end(root);

    const span = app.exportedOf(root);
    expect(ours(span.attributes)).toEqual({
      'slowpath.endpoint': 'GET /orders',
      'slowpath.query.count': 18,
      'slowpath.query.duration': 0.97,
      'slowpath.slow': true,
      'slowpath.slow_query.count': 3,
      'slowpath.n_plus_one.count': 2,
      'slowpath.findings': ['n-plus-one', 'duplicate-query', 'slow-query', 'slow-endpoint'],
    });
    expect(span.events.map(({ name, time }) => [name, time])).toEqual(
      Array.from({ length: 5 }, () => ['slowpath.finding', span.endTime]),
    );
    const [loop, writes, , , endpoint] = app.record.findings;
    expect(span.events[0]?.attributes).toEqual({
      'slowpath.finding.kind': 'n-plus-one',
      'slowpath.finding.severity': 'warning',
      'slowpath.finding.count': 10,
      'slowpath.finding.fingerprint': '0b196799e14ef2',
      'slowpath.finding.summary': loop?.summary,
      'slowpath.finding.confidence': loop?.confidence,
      'slowpath.finding.saved_ms_low': loop?.savedMs[0],
      'slowpath.finding.saved_ms_high': loop?.savedMs[1],
      'slowpath.finding.call_site': expect.stringMatching(/^tests\/processors\/[\w-]+\.ts:\d+:\d+$/) as unknown,
      'slowpath.finding.query': 'SELECT * FROM users WHERE id = ?',
      'slowpath.finding.operation': 'read',
      'slowpath.finding.mode': 'sequential',
    });
    expect(span.events[1]?.attributes).toMatchObject({
      'slowpath.finding.operation': 'write',
      'slowpath.finding.severity': 'info',
      'slowpath.finding.fingerprint': writes?.fingerprint,
    });
    expect(span.events[4]?.attributes).toEqual({
      'slowpath.finding.kind': 'slow-endpoint',
      'slowpath.finding.severity': 'warning',
      'slowpath.finding.count': 1,
      'slowpath.finding.fingerprint': endpoint?.fingerprint,
      'slowpath.finding.summary': endpoint?.summary,
      'slowpath.finding.confidence': endpoint?.confidence,
    });
    // 60 + 10 + 900 + 30 ms: the threshold exactly.
    expect(app.record).toMatchObject({ durationMs: 1000 });
  });

  it('has what a fix saves only where that was estimated, and the line only where it is known', () => {
    const app = new TracedApp();
    const root = app.request();
    // Nothing takes any time: there is nothing to save.
    for (let n = 0; n < 5; n++) app.query(root, `SELECT * FROM users WHERE id = ${n}`, 0);
    app.end(root);
    const [finding] = app.record.findings;
    expect(finding).toMatchObject({ kind: 'n-plus-one', savedMs: [0, 0] });
    const attributes = app.exportedOf(root).events[0]?.attributes ?? {};
    expect(attributes).toMatchObject({ 'slowpath.finding.confidence': finding?.confidence });
    expect(Object.keys(attributes).filter((name) => name.includes('saved'))).toEqual([]);
    expect('slowpath.finding.call_site' in attributes).toBe(finding?.evidence.callSite !== undefined);
  });

  it('has 32 events at the most, and counts all', () => {
    expect(MAX_FINDING_EVENTS).toBe(32);
    const app = new TracedApp();
    const root = app.request();
    for (let table = 0; table < 40; table++)
      for (let n = 0; n < 5; n++) app.query(root, `SELECT * FROM t${table} WHERE id = ${n}`, 0.01);
    app.end(root);
    const span = app.exportedOf(root);
    expect(app.record.findings).toHaveLength(40);
    expect(span.events).toHaveLength(32);
    expect(span.attributes).toMatchObject({ 'slowpath.n_plus_one.count': 40, 'slowpath.findings': ['n-plus-one'] });
  });

  it('obeys the thresholds that were given', () => {
    const app = new TracedApp({ thresholds: { 'n-plus-one': { minQueries: 7 } } });
    const root = app.request();
    for (let n = 0; n < 6; n++) app.query(root, `SELECT * FROM users WHERE id = ${n}`);
    app.end(root);
    expect(app.record.findings).toEqual([]);
  });

  it('is as much as the SDK’s limits allow; the record is whole all the same', () => {
    const app = new TracedApp({
      spanLimits: { attributeCountLimit: 5, eventCountLimit: 2, attributeValueLengthLimit: 24 },
    });
    const root = app.request();
    for (let table = 0; table < 4; table++)
      for (let n = 0; n < 5; n++) app.query(root, `SELECT * FROM t${table} WHERE mail = 'jane${n}'`);
    app.end(root);
    const span = app.exportedOf(root);
    expect(app.record.queryCount).toBe(20);
    expect(Object.keys(span.attributes)).toHaveLength(5);
    expect(span.events.length).toBeLessThanOrEqual(2);
    expect(exportedText(app)).not.toContain('jane');
    expect(app.drops.toJson()).toEqual({});
  });

  it('of a text that the SDK cut within a value holds nothing of the value', () => {
    const app = new TracedApp({ spanLimits: { attributeValueLengthLimit: 45 } });
    const root = app.request();
    app.query(root, "SELECT * FROM users WHERE mail = 'jane.doe@example.org' AND a = 1");
    app.end(root);
    expect(exportedText(app)).not.toContain('jane');
    expect(app.record).toMatchObject({ queryCount: 1, groups: [{ summary: 'SELECT users' }] });
  });
});

function ours(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => name.startsWith('slowpath.')));
}

function exportedText(app: TracedApp): string {
  return JSON.stringify(
    app.exported.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
  );
}
