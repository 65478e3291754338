import { CACHE_ENTRIES } from '../../examples/demo/sizes.ts';
import type { Report } from '../../report/json.ts';
import { CACHE_LOAD } from './cache-demo-requests.ts';
import { CACHE_GOALS, type CacheDemoNumbers } from './judge-cache-demo.ts';

/** The numbers of both runs side by side, and what the cache did by pattern. */
export function cacheDemoText(
  numbers: CacheDemoNumbers,
  caches: Report['caches'],
  problems: readonly string[],
): string {
  const { users, questions, changeEvery } = CACHE_LOAD;
  const { hitRate, allHitRate, lookups, hits } = numbers;
  const aim = `aim: −${((1 - CACHE_GOALS.queryTimeShareAim) * 100).toFixed(0)} %`;
  return [
    `The same ${numbers.requests} requests to the service with its planted problems, without a cache and with one for ${CACHE_ENTRIES} values.`,
    `Half ask for the usage of one of ${users.count} users (Zipf's law, exponent ${users.exponent}), half one of ${questions.count} questions ` +
      `(${questions.exponent});`,
    `each ${changeEvery}th changes a user's plan, which ends what the cache has of the user. All numbers are the monitor's.`,
    '',
    row('', 'cache off', 'cache on', ''),
    row('look-ups', '-', String(lookups), `${hits} hits`),
    row('look-up hit rate', '-', percent(hitRate), ''),
    row('requests that found all', '-', percent(allHitRate), 'of those with a look-up'),
    row('response time, mean', ...pair(numbers.meanMs, ms)),
    row('response time, median', ...pair(numbers.medianMs, ms)),
    row('queries', ...pair(numbers.queries, String)),
    withNote(row('time in queries', ...pair(numbers.queryMs, seconds)), aim),
    '',
    row('pattern', 'look-ups', 'hit rate', 'a computation, all hits together'),
    ...caches.map(({ pattern, lookupCount, hitRate: rate, computeMsAvg, savedMsTotal }) =>
      row(pattern, String(lookupCount), percent(rate ?? 0), `${ms(computeMsAvg ?? 0)}, ${seconds(savedMsTotal)} saved`),
    ),
    '',
    ...(problems.length === 0
      ? ['As promised: the hits are those of a simulation, the answers are the same, and the median is halved.']
      : ['Not as promised:', ...problems.map((problem) => `  ${problem}`)]),
  ].join('\n');
}

function row(name: string, off: string, on: string, note: string): string {
  return `${name.padEnd(26)}${off.padStart(12)}${on.padStart(12)}  ${note}`.trimEnd();
}

function withNote(line: string, note: string): string {
  return `${line} (${note})`;
}

function pair([off, on]: readonly [number, number], format: (value: number) => string): [string, string, string] {
  const change = 100 * (on / off - 1);
  return [format(off), format(on), `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(0)} %`];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function seconds(valueMs: number): string {
  return `${(valueMs / 1000).toFixed(2)} s`;
}
