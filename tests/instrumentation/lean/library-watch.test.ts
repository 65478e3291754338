import { describe, expect, inject, it } from 'vitest';
import { runApp, serverSpan, type AppOptions } from '../../support/app-process.ts';
import type { OtlpReceiver } from '../../support/otlp-receiver.ts';

const WHERE = { DATABASE_URL: inject('databaseUrl'), SLOWPATH_INSTRUMENTATION: 'lean' };
const LATE = 'pg: loaded before slowpath, or by a loader of its own';

async function ask(options: AppOptions, count: number): Promise<{ receiver: OtlpReceiver; stderr: string }> {
  const { receiver, app } = await runApp({ ...options, env: WHERE }, async (url) => {
    for (let i = 0; i < count; i++) await (await fetch(`${url}/users/${i}`)).text();
  });
  return { receiver, stderr: app.stderr };
}

function queriesOf(receiver: OtlpReceiver): readonly (string | undefined)[] {
  return receiver.spans.filter(({ kind }) => kind === 'CLIENT').map(({ parentSpanId }) => parentSpanId);
}

describe.skipIf(inject('databaseUrl') === '')('the lean instrumentation and packages', () => {
  it.each(['tests/fixtures/app-http.mjs', 'tests/fixtures/app-http.cjs'])(
    'sees those that are loaded after it: %s',
    async (file) => {
      const { receiver, stderr } = await ask({ file }, 1);
      expect(receiver.traceOf('/users/0')).toHaveLength(2);
      expect(stderr).not.toContain('loaded before');
    },
  );

  it('finds those that were loaded before it, says so once, and measures them', async () => {
    const { receiver, stderr } = await ask({ file: 'tests/fixtures/app-late.cjs', withSlowpath: false }, 2);
    expect(stderr.split(LATE)).toHaveLength(2);
    const root = serverSpan(receiver.traceOf('/users/1'));
    expect(queriesOf(receiver)).toContain(root.spanId);
  });

  it('finds those that a loader gives another source, at the latest when the first request comes', async () => {
    const nodeArgs = ['--import', './tests/fixtures/give-sources.mjs'];
    const { receiver, stderr } = await ask({ file: 'tests/fixtures/app-http.mjs', nodeArgs }, 3);
    expect(stderr.split(LATE).length).toBeLessThanOrEqual(2);
    expect(queriesOf(receiver)).toContain(serverSpan(receiver.traceOf('/users/2')).spanId);
  });
});
