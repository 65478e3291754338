import { beforeAll, describe, expect, it } from 'vitest';
import { drawn, runApp } from '../support/app-process.ts';
import type { OtlpReceiver, ReceivedSpan } from '../support/otlp-receiver.ts';

describe('the traces of requests that use a cache', () => {
  let receiver: OtlpReceiver;
  let stderr = '';

  beforeAll(async () => {
    const run = await runApp({ file: 'tests/fixtures/app-cache.mjs' }, async (url) => {
      const get = async (path: string): Promise<void> => {
        await (await fetch(url + path)).arrayBuffer();
      };
      await Promise.all([get('/cold'), get('/cold')]);
      for (const path of ['/warm', '/stale', '/warm', '/failing', '/invalidate']) await get(path);
    });
    receiver = run.receiver;
    stderr = run.app.stderr;
  });

  const requests = (path: string): readonly ReceivedSpan[] =>
    receiver.spans.filter((span) => span.kind === 'SERVER' && span.attributes['url.path'] === path);
  const tracesOf = (path: string): readonly (readonly ReceivedSpan[])[] =>
    requests(path)
      .toSorted((a, b) => a.startMs - b.startMs)
      .map(({ traceId }) => receiver.spans.filter((span) => span.traceId === traceId));

  it('on one cold key at once: the computation in the first, a link to it in the second', () => {
    // Whichever came first has the longer trace.
    const [first = [], second = []] = tracesOf('/cold').toSorted((a, b) => b.length - a.length);
    expect([drawn(first), drawn(second)]).toEqual([
      ['SERVER GET', '  INTERNAL cache.compute (unregistered)', '    INTERNAL load from source'].join('\n'),
      'SERVER GET',
    ]);
    const computation = first.find(({ name }) => name.startsWith('cache.compute'));
    expect(second[0]?.links).toMatchObject([
      {
        traceId: computation?.traceId,
        spanId: computation?.spanId,
        attributes: { 'cache.name': 'app', 'cache.key_pattern': '(unregistered)', 'cache.result': 'coalesced' },
      },
    ]);
    expect(first[0]?.links).toEqual([]);
  });

  it('tell on the computation what it was for and what became of it', () => {
    const computation = receiver.spans.find(({ name }) => name.startsWith('cache.compute'));
    expect(computation).toMatchObject({
      kind: 'INTERNAL',
      scope: 'slowpath',
      attributes: {
        'cache.name': 'app',
        'cache.operation': 'get_or_compute',
        'cache.key_pattern': '(unregistered)',
        'cache.ttl': 60,
        'cache.write': true,
      },
      status: {},
    });
  });

  it('have no span for a hit', () => {
    expect(tracesOf('/warm').map(drawn)).toEqual(['SERVER GET', 'SERVER GET']);
  });

  it('refresh a stale value in a trace of its own, which links to the request that was served', () => {
    const [served = []] = tracesOf('/stale');
    expect(drawn(served)).toBe('SERVER GET');
    const refresh = receiver.spans.filter(({ links }) => links.some(({ spanId }) => spanId === served[0]?.spanId));
    expect(refresh).toHaveLength(1);
    const trace = receiver.spans.filter(({ traceId }) => traceId === refresh[0]?.traceId);
    expect(drawn(trace)).toBe(['INTERNAL cache.compute (unregistered)', '  INTERNAL load from source'].join('\n'));
    expect(trace[0]?.traceId).not.toBe(served[0]?.traceId);
  });

  it('mark a computation that failed by the class of its error', () => {
    const [trace = []] = tracesOf('/failing');
    const computation = trace.find(({ name }) => name.startsWith('cache.compute'));
    expect(computation).toMatchObject({
      status: { code: 2 },
      attributes: { 'error.type': 'TypeError', 'cache.write': false },
    });
    expect(computation?.events).toEqual([]);
  });

  it('show an invalidation', () => {
    expect(tracesOf('/invalidate').map(drawn)).toEqual([['SERVER GET', '  INTERNAL cache.invalidate_tags'].join('\n')]);
  });

  it('hold no key, no tag, no value and no message', () => {
    expect(receiver.rawText).toContain('cache.compute');
    expect(receiver.rawText).not.toContain('canary');
    expect(stderr).not.toContain('canary');
  });
});
