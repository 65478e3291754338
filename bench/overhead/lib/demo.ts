import { spawn } from 'node:child_process';
import { seed } from '../../../examples/demo/seed.ts';
import { untilReady } from '../../../scripts/lib/demo-app.ts';
import { demoRequests, sendDemoRequest } from '../../../scripts/lib/demo-requests.ts';
import { EnvironmentError } from '../../../scripts/lib/environment-error.ts';
import { runAtExit } from '../../../scripts/lib/run-at-exit.ts';
import { environmentOf, keepLastWords, REPOSITORY } from './app.ts';
import type { Bench } from './bench.ts';
import { markdownTable } from './markdown-table.ts';
import { middleMean, shuffled, type Spread, spreadOf } from './statistics.ts';
import { NONE, NONE_AGAIN, SLOWPATH_AUTO, SLOWPATH_LEAN, type Variant, VARIANTS } from './variants.ts';

/** Mean response times of one round under one variant, without the slowest and the fastest fifth, by endpoint. Milliseconds. */
type Means = ReadonlyMap<string, number>;

export interface DemoResult {
  readonly rounds: number;
  /** Of `none`, milliseconds; the median of the rounds. */
  readonly meanMs: Readonly<Record<string, number>>;
  /** By variant and endpoint: how much longer the mean response time is than that of `none` in the same round; 0.05 is 5 %. */
  readonly addedShare: Readonly<Record<string, Readonly<Record<string, Spread>>>>;
}

/** Over all requests of a round, in the mix that the demo sends. */
const ALL = 'all requests';

/**
 * Runs the service of examples/demo (with its planted problems) alone and under slowpath, all at the same time, and sends each
 * of the demo's requests to one after the other, in an order drawn anew each time: what the machine does meanwhile meets them
 * all. The first round warms up.
 */
export async function measureDemo(bench: Bench, hasLean: boolean, rounds: number): Promise<DemoResult> {
  const names = [NONE, NONE_AGAIN, SLOWPATH_AUTO, ...(hasLean ? [SLOWPATH_LEAN] : [])];
  bench.progress.phase('Seeding the database of the demo');
  await seed(bench.databaseUrl);
  bench.progress.phase('Starting the services');
  const services = await Promise.all(
    VARIANTS.filter(({ name }) => names.includes(name)).map(async (variant) => ({
      name: variant.name,
      means: [] as Means[],
      ...(await startService(bench, variant)),
    })),
  );
  for (let round = 0; round <= rounds; round++) {
    bench.progress.phase(round === 0 ? 'Warming up' : `Round ${round} of ${rounds}`);
    const times = services.map((service) => ({ ...service, durationsMs: new Map<string, number[]>() }));
    for (const request of demoRequests()) {
      for (const { url, durationsMs } of shuffled(times, Math.random)) {
        const { durationMs } = await sendDemoRequest(url, request);
        durationsMs.set(request.endpoint, [...(durationsMs.get(request.endpoint) ?? []), durationMs]);
      }
    }
    if (round > 0) for (const { means, durationsMs } of times) means.push(meansOf(durationsMs));
  }
  for (const { end } of services) end();
  const none = services.find(({ name }) => name === NONE)?.means ?? [];
  const endpoints = [...(none[0]?.keys() ?? [])];
  const at = (means: Means | undefined, endpoint: string): number => means?.get(endpoint) ?? Number.NaN;
  return {
    rounds,
    meanMs: Object.fromEntries(endpoints.map((name) => [name, spreadOf(none.map((means) => at(means, name))).median])),
    addedShare: Object.fromEntries(
      services
        .filter(({ name }) => name !== NONE)
        .map(({ name, means }) => [
          name,
          Object.fromEntries(
            endpoints.map((endpoint) => [
              endpoint,
              spreadOf(means.map((own, round) => at(own, endpoint) / at(none[round], endpoint) - 1)),
            ]),
          ),
        ]),
    ),
  };
}

/** The figures of `measureDemo` as a table. */
export function demoTable({ rounds, meanMs, addedShare }: DemoResult): string {
  const variants = Object.entries(addedShare);
  const percent = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)} %`;
  const rows = Object.entries(meanMs).map(([endpoint, ms]) => [
    endpoint,
    `${ms.toFixed(2)} ms`,
    ...variants.map(([, shares]) => {
      const { median, deviation } = shares[endpoint] ?? { median: Number.NaN, deviation: Number.NaN };
      return `${percent(median)} ±${(100 * deviation).toFixed(1)}`;
    }),
  ]);
  return [
    'The service of examples/demo: mean response time alone, and what is added to it (the slowest and the fastest fifth left out;\n' +
      `median of ${rounds} rounds ±median absolute deviation)`,
    markdownTable(['endpoint', NONE, ...variants.map(([name]) => name)], rows),
  ].join('\n\n');
}

async function startService(
  { databaseUrl, sink, pinning }: Bench,
  variant: Variant,
): Promise<{ readonly url: string; readonly end: () => void }> {
  const flags = variant.preload === undefined ? [] : ['--import', variant.preload];
  const [program = '', ...args] = [...pinning.prefix, process.execPath, ...flags, 'examples/demo/app.ts'];
  const child = spawn(program, args, {
    cwd: REPOSITORY,
    env: { ...environmentOf(variant, sink.url), DATABASE_URL: databaseUrl, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const lastWords = keepLastWords(child);
  const keepAtExit = runAtExit(() => child.kill('SIGKILL'));
  const url = await untilReady(child);
  if (url === undefined) {
    throw new EnvironmentError(`The demo's service did not start under ${variant.name}: ${lastWords()}`);
  }
  return {
    url,
    end: () => {
      keepAtExit();
      child.kill('SIGKILL');
    },
  };
}

/** For all requests: the mean of the endpoints, each as often as it is asked. */
function meansOf(durationsMs: ReadonlyMap<string, readonly number[]>): Means {
  const means = Array.from(durationsMs, ([endpoint, values]) => ({
    endpoint,
    meanMs: middleMean(values),
    count: values.length,
  }));
  const sum = means.reduce((total, { meanMs, count }) => total + meanMs * count, 0);
  const count = means.reduce((total, mean) => total + mean.count, 0);
  return new Map([...means.map(({ endpoint, meanMs }) => [endpoint, meanMs] as const), [ALL, sum / count]]);
}
