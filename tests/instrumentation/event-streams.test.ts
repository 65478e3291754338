import { expect, it } from 'vitest';
import type { Report } from '../../report/json.ts';
import { runApp } from '../support/app-process.ts';

/** Asks for it, reads the first bytes and goes away, or reads to the end. */
async function read(url: string, goAway: boolean): Promise<void> {
  const { body } = await fetch(url);
  const reader = body?.getReader();
  await reader?.read();
  if (goAway) await reader?.cancel();
  else while ((await reader?.read())?.done === false);
}

it('streams of events stand apart, however their type was told and whoever ended them', async () => {
  const env = { SLOWPATH_REPORT: 'json' };
  const { app } = await runApp({ file: 'tests/fixtures/app-event-stream.mjs', env }, async (url) => {
    await read(`${url}/told-at-once`, true);
    await read(`${url}/told-before`, false);
    await read(`${url}/plain`, false);
  });
  const report = JSON.parse(/^\{"schemaVersion".*$/m.exec(app.stderr)?.[0] ?? '{}') as Report;
  const counted = report.endpoints.map(({ endpoint, count, streamCount, abortedCount }) => [
    endpoint,
    { count, streamCount, abortedCount },
  ]);
  expect(Object.fromEntries(counted)).toEqual({
    'GET /told-at-once': { count: 0, streamCount: 1, abortedCount: 0 },
    'GET /told-before': { count: 0, streamCount: 1, abortedCount: 0 },
    'GET /plain': { count: 1, streamCount: 0, abortedCount: 0 },
  });
});
