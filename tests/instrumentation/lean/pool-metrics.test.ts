import { describe, expect, inject, it } from 'vitest';
import { runApp } from '../../support/app-process.ts';

const NAMES = ['db.client.connection.count', 'db.client.connection.max', 'db.client.connection.pending_requests'];

/** The official ones count the connection that is given back last as used. */
const STATES = { auto: ['idle 4', 'used 1'], lean: ['idle 5', 'used 0'] };

describe.skipIf(inject('databaseUrl') === '')("the metrics of pg's pool", () => {
  it.each(['auto', 'lean'] as const)(
    'tell how many connections it has, may have and is waited for: %s',
    async (mode) => {
      const env = { DATABASE_URL: inject('databaseUrl'), SLOWPATH_INSTRUMENTATION: mode };
      const { receiver } = await runApp({ file: 'tests/fixtures/app-http.cjs', env }, async (url) => {
        await (await fetch(`${url}/warm`)).text();
      });
      const told = (receiver.metricExports.at(-1) ?? [])
        .filter(({ name }) => NAMES.includes(name))
        .map(({ name, type, isMonotonic, points }) => ({
          name,
          type,
          isMonotonic,
          points: points
            .map(
              ({ value, attributes }) =>
                `${String(attributes['db.client.connection.state'] ?? 'all')} ${String(value)}`,
            )
            .toSorted(),
        }));
      expect(told.toSorted((one, other) => (one.name < other.name ? -1 : 1))).toEqual([
        { name: NAMES[0], type: 'sum', isMonotonic: false, points: STATES[mode] },
        { name: NAMES[1], type: 'sum', isMonotonic: false, points: ['all 5'] },
        { name: NAMES[2], type: 'sum', isMonotonic: false, points: ['all 0'] },
      ]);
    },
  );
});
