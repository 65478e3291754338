import { beforeAll, describe, expect, inject, it } from 'vitest';
import { drawn, runApp, serverSpan, type AppProcess } from './app-process.ts';
import type { OtlpReceiver, ReceivedSpan } from './otlp-receiver.ts';

export interface FrameworkCase {
  /** `Express 5, ESM`. */
  readonly name: string;
  /** The application, from the root of the repository. */
  readonly file: string;
  /** False where nothing tells the route: the span is named by the method alone. */
  readonly hasRoutes: boolean;
}

const CONCURRENT_REQUESTS = 50;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
}

/** The same requests to the same routes in every framework and module system; what arrives over OTLP is drawn and compared. */
export function describeFramework({ name, file, hasRoutes }: FrameworkCase): void {
  const databaseUrl = inject('databaseUrl');
  const routeName = (route: string): string => (hasRoutes ? `SERVER GET ${route}` : 'SERVER GET');

  describe.skipIf(databaseUrl === '')(name, () => {
    let receiver: OtlpReceiver;
    let app: AppProcess;
    const answers = new Map<string, Answer>();
    const counted = new Map<string, (string | null)[]>();

    beforeAll(async () => {
      const run = await runApp({ file, env: { DATABASE_URL: databaseUrl } }, async (url) => {
        const get = async (path: string): Promise<Answer> => {
          const response = await fetch(url + path);
          await response.arrayBuffer();
          return { status: response.status, headers: response.headers };
        };
        const paths = [
          '/warm',
          '/users/17',
          '/list?token=canary-in-url&page=2',
          '/loop',
          '/parallel',
          '/interleaved',
          '/duplicate',
          '/batched',
        ];
        for (const path of [
          ...paths,
          '/transactions',
          '/literals',
          '/multi-line',
          '/sql-error',
          '/slow',
          '/nowhere/99',
          '/quiet',
        ]) {
          answers.set(path, await get(path));
        }
        // fetch keeps its connections alive; the pool of 5 is full all the time.
        const mixed = ['/users/23', '/list', '/loop'];
        const many = Array.from({ length: CONCURRENT_REQUESTS }, async (_, index) => {
          const path = mixed[index % mixed.length] ?? '';
          const { headers } = await get(path);
          counted.set(path, [...(counted.get(path) ?? []), headers.get('x-query-count')]);
        });
        await Promise.all(many);
      });
      ({ receiver, app } = run);
    });

    const trace = (path: string): readonly ReceivedSpan[] => receiver.traceOf(path);

    it('draws one SERVER span with its query below it', () => {
      expect(drawn(trace('/users/17'))).toBe(
        `${routeName('/users/:id')}\n  postgresql: SELECT id, name FROM users WHERE id = $1`,
      );
    });

    it('exports four spans for a request with three queries', () => {
      expect(drawn(receiver.traceOf('/list').slice(0, 4))).toBe(
        [
          routeName('/list'),
          '  postgresql: SELECT count(*) FROM users',
          '  postgresql: SELECT id FROM users ORDER BY id LIMIT ?',
          '  postgresql: SELECT name FROM users WHERE id < $1',
        ].join('\n'),
      );
    });

    it('states the queries of each request in its headers', () => {
      const counts = Object.fromEntries(
        [...answers].map(([path, { headers }]) => [path, headers.get('x-query-count')]),
      );
      expect(counts).toMatchObject({
        '/users/17': '1',
        '/loop': '11',
        '/parallel': '12',
        '/duplicate': '4',
        '/transactions': '0',
        '/quiet': '0',
      });
      const { headers } = answers.get('/loop') ?? { headers: new Headers() };
      expect(headers.get('x-response-time-ms')).toMatch(/^\d+\.\d$/);
      expect(headers.get('server-timing')).toMatch(/^total;dur=\d+\.\d, db;dur=\d+\.\d;desc="11 queries"$/);
    });

    it(`keeps the counts apart under ${CONCURRENT_REQUESTS} concurrent keep-alive requests`, () => {
      expect([...counted.values()].flat()).toHaveLength(CONCURRENT_REQUESTS);
      expect(new Set(counted.get('/users/23'))).toEqual(new Set(['1']));
      expect(new Set(counted.get('/list'))).toEqual(new Set(['3']));
      expect(new Set(counted.get('/loop'))).toEqual(new Set(['11']));
      const wrong = receiver.spans.filter(({ kind, attributes, traceId }) => {
        if (kind !== 'SERVER') return false;
        const queries = receiver.spans.filter((span) => span.traceId === traceId && 'db.query.text' in span.attributes);
        return (
          attributes['slowpath.query.count'] !==
          queries.filter(({ attributes: a }) => !isControl(a['db.query.text'])).length
        );
      });
      expect(wrong).toEqual([]);
    });

    it.each([
      ['/loop', 'n-plus-one', 'sequential', 10],
      ['/parallel', 'n-plus-one', 'parallel', 12],
      ['/duplicate', 'duplicate-query', 'sequential', 4],
    ])('finds what %s is: %s', (path, kind, mode, count) => {
      const root = serverSpan(
        trace(path)
          .slice(0, 20)
          .filter(uniqueTrace(trace(path))),
      );
      expect(root.attributes['slowpath.findings']).toEqual([kind]);
      expect(root.events).toMatchObject([
        {
          name: 'slowpath.finding',
          attributes: { 'slowpath.finding.kind': kind, 'slowpath.finding.mode': mode, 'slowpath.finding.count': count },
        },
      ]);
    });

    it('finds both loops of an interleaved request', () => {
      const root = serverSpan(trace('/interleaved'));
      expect(root.attributes['slowpath.n_plus_one.count']).toBe(2);
    });

    it('finds the loop whose values stand in its text', () => {
      expect(serverSpan(trace('/literals')).attributes['slowpath.findings']).toEqual(['n-plus-one']);
    });

    it('finds the slow query and marks its span', () => {
      const spans = trace('/slow');
      expect(serverSpan(spans).attributes).toMatchObject({
        'slowpath.findings': ['slow-query'],
        'slowpath.slow_query.count': 1,
      });
      expect(spans.find(({ kind }) => kind === 'CLIENT')?.attributes['slowpath.slow']).toBe(true);
    });

    it.each(['/users/17', '/batched', '/transactions', '/quiet'])('is silent on %s', (path) => {
      const root = serverSpan(trace(path));
      expect(root.attributes['slowpath.findings']).toBeUndefined();
      expect(root.events).toEqual([]);
    });

    it('answers as the application meant to', () => {
      expect(answers.get('/sql-error')?.status).toBe(500);
      expect(answers.get('/nowhere/99')?.status).toBe(404);
      expect(serverSpan(trace('/sql-error')).attributes['http.response.status_code']).toBe(500);
    });

    it('lets no literal, URL value or error text out', () => {
      expect(receiver.rawText).not.toContain('canary');
      expect(receiver.traceOf('/list')[0]).toBeDefined();
      expect(receiver.rawText).toContain('token=REDACTED&page=REDACTED');
    });

    it('exports no span for getting a connection', () => {
      expect(receiver.spans.filter(({ name: spanName }) => spanName.includes('connect'))).toEqual([]);
    });

    it('says in one line that it is on', () => {
      const lines = app.stderr.split('\n').filter((line) => line.includes('slowpath: on'));
      expect(lines).toEqual([
        `slowpath: on: every request is measured; spans of unknown_service:node go to ${receiver.endpoint}/v1/traces.`,
      ]);
    });
  });
}

function isControl(text: unknown): boolean {
  return text === 'BEGIN' || text === 'COMMIT';
}

/** The first trace only: a path is asked for again in the concurrent part. */
function uniqueTrace(spans: readonly ReceivedSpan[]): (span: ReceivedSpan) => boolean {
  return (span) => span.traceId === spans[0]?.traceId;
}
