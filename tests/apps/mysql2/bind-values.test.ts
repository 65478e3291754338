import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runApp, serverSpan } from '../../support/app-process.ts';
import { startMariadbOrSkip } from '../../support/mariadb-or-skip.ts';
import type { OtlpReceiver } from '../../support/otlp-receiver.ts';

const mariadb = await startMariadbOrSkip();
afterAll(() => mariadb?.stop());

/** One value five times is a duplicate, five values are a loop: that is how one sees that values are known. */
const READS = [
  '/promise-query',
  '/promise-execute',
  '/promise-options',
  '/promise-options-and-values',
  '/promise-connection',
  '/callback-query',
  '/callback-execute',
  '/callback-options',
  '/callback-value',
  '/connection-query',
  '/connection-execute',
  '/connection-options',
  '/pool-events',
  '/connection-events',
  '/cluster',
  '/named-query',
  '/named-execute',
  '/legacy-pool',
  '/legacy-connection',
  '/legacy-events',
];
const BATCHES = ['/list', '/named-list', '/rows'];
const WRITES = ['/one-row', '/set'];
const OTHERS = ['/short-list', '/waiting-same', '/waiting-others', '/waiting-mixed', '/throws', '/shape'];

const SAME = '?id=103';
const PATHS = [...READS.flatMap((path) => [path, path + SAME]), ...BATCHES, ...WRITES, ...OTHERS];

describe.skipIf(mariadb === undefined)('bind values of MySQL queries', () => {
  let receiver: OtlpReceiver;
  const traces = new Map<string, string>();
  const answers = new Map<boolean, ReadonlyMap<string, unknown>>();

  beforeAll(async () => {
    for (const withSlowpath of [false, true]) {
      const given = new Map<string, unknown>();
      const env = {
        DATABASE_URL: mariadb?.url ?? '',
        SLOWPATH_SLOW_QUERY_MIN_MS: '10000',
        SLOWPATH_CONSECUTIVE_QUERIES_MIN_QUERY_MS: '10000',
      };
      const run = await runApp({ file: 'tests/apps/mysql2/app-bind-values.mjs', env, withSlowpath }, async (url) => {
        for (const [index, path] of PATHS.entries()) {
          const traceId = (index + 1).toString(16).padStart(32, '0');
          traces.set(path, traceId);
          const headers = { traceparent: `00-${traceId}-00000000000000ab-01` };
          const response = await fetch(url + path, { headers });
          given.set(path, { status: response.status, body: JSON.parse((await response.text()) || 'null') as unknown });
        }
      });
      answers.set(withSlowpath, given);
      receiver = run.receiver;
    }
  });

  const findingsOf = (path: string): readonly string[] => {
    const spans = receiver.spans.filter(({ traceId }) => traceId === traces.get(path));
    return serverSpan(spans).events.map(
      ({ attributes }) =>
        `${String(attributes['slowpath.finding.kind'])} ${String(attributes['slowpath.finding.operation'])} ${String(attributes['slowpath.finding.count'])}×`,
    );
  };

  it('change nothing that the application sees', () => {
    expect([...(answers.get(true)?.keys() ?? [])]).toEqual(PATHS);
    expect(answers.get(true)).toEqual(answers.get(false));
    expect(answers.get(true)?.get('/shape')).toMatchObject({ status: 200 });
  });

  it.each(READS)('tell a duplicate from a loop: %s', (path) => {
    expect(findingsOf(path)).toEqual(['n-plus-one read 5×']);
    expect(findingsOf(path + SAME)).toEqual(['duplicate-query read 5×']);
  });

  it.each(BATCHES)('tell a batch from a loop: %s', (path) => {
    expect(findingsOf(path)).toEqual([]);
  });

  it.each(WRITES)('are a loop of writes where each is for one row: %s', (path) => {
    expect(findingsOf(path)).toEqual(['n-plus-one write 5×']);
  });

  it('are a loop where the lists are short', () => {
    expect(findingsOf('/short-list')).toEqual(['n-plus-one read 5×']);
  });

  it('belong to their own query when queries wait for a connection', () => {
    expect(findingsOf('/waiting-same')).toEqual(['duplicate-query read 10×']);
    expect(findingsOf('/waiting-others')).toEqual(['n-plus-one read 10×']);
    expect(findingsOf('/waiting-mixed').toSorted()).toEqual(['duplicate-query read 5×', 'n-plus-one read 6×']);
  });

  it('are forgotten when the driver throws', () => {
    expect(answers.get(true)?.get('/throws')).toEqual({
      status: 200,
      body: Array.from({ length: 3 }, () => expect.stringContaining('Bind parameters must') as string),
    });
    expect(findingsOf('/throws')).toEqual(['duplicate-query read 4×']);
  });

  it('never leave the process', () => {
    expect(receiver.rawText).toContain('imports');
    expect(receiver.rawText).not.toContain('canary');
  });
});
