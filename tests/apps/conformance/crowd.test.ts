import { describe, expect, inject, it } from 'vitest';
import type { ReceivedSpan } from '../../support/otlp-receiver.ts';
import { runtimes } from './runtimes.ts';
import { hex, Stage, traceparent } from './traffic.ts';

const CONNECTIONS = 50;
const ROUNDS = 8;
const PIPELINES = 5;
const PIPELINED = 20;
const QUERIES_EACH = 6;
const REQUESTS = CONNECTIONS * ROUNDS + PIPELINES * PIPELINED;

const traceIdOf = (id: number): string => hex(0xdd0000 + id);

/** A pool of 5 connections that is full all the time, requests on connections kept alive, and requests in one write. */
describe.each(runtimes)('a crowd on $name', ({ node, nodeArgs }) => {
  it.each(['express5', 'fastify'])('of 3000 queries has each under its own request: %s', async (framework) => {
    const env = { SLOWPATH_INSTRUMENTATION: 'lean', FRAMEWORK: framework, DATABASE_URL: inject('databaseUrl') };
    const more = { OTEL_BSP_MAX_QUEUE_SIZE: '20000', SLOWPATH_FINDING_LOG: 'off' };
    const stage = await Stage.start({ env: { ...env, ...more }, node, nodeArgs });
    const wrong: unknown[] = [];
    try {
      let last = 0;
      const check = (body: unknown): void => {
        const { id, own, same } = body as { id: string; own: string; same: boolean };
        if (!same || own !== traceIdOf(Number(id))) wrong.push(body);
      };
      const connections = Array.from({ length: CONNECTIONS }, async () => {
        for (let round = 0; round < ROUNDS; round++) {
          const id = ++last;
          check((await stage.call(`/mix/${id}`, { headers: { traceparent: traceparent(traceIdOf(id)) } })).body);
        }
      });
      const pipelines = Array.from({ length: PIPELINES }, async (_, pipeline) => {
        const ids = Array.from({ length: PIPELINED }, (_unused, index) => 1000 + pipeline * PIPELINED + index);
        for (const body of await stage.pipelined(ids.map((id) => ({ path: `/mix/${id}`, traceId: traceIdOf(id) }))))
          check(body);
      });
      await Promise.all([...connections, ...pipelines]);
    } finally {
      await stage.end();
    }
    expect(wrong).toEqual([]);
    const { spans } = stage.receiver;
    const roots = new Map(spans.filter(({ kind }) => kind === 'SERVER').map((span) => [span.traceId, span]));
    const queries = spans.filter(({ attributes }) => idIn(attributes['db.query.text']) !== undefined);
    const lost = queries.filter((span) => !isOf(span, roots));
    expect(roots.size).toBe(REQUESTS);
    expect(queries).toHaveLength(REQUESTS * QUERIES_EACH);
    expect(lost).toEqual([]);
  });
});

function idIn(text: unknown): number | undefined {
  const match = typeof text === 'string' ? /^SELECT (\d+) AS (?:serial|parallel|by_callback)/.exec(text) : null;
  return match === null ? undefined : Number(match[1]);
}

function isOf(query: ReceivedSpan, roots: ReadonlyMap<string, ReceivedSpan>): boolean {
  const id = idIn(query.attributes['db.query.text']);
  return id !== undefined && query.traceId === traceIdOf(id) && query.parentSpanId === roots.get(query.traceId)?.spanId;
}
