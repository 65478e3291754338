import { CallSites } from '../../request/call-sites.ts';
import type { Case } from '../lib/measure.ts';
import { ANALYSIS, END, openRequest, queryOf } from './live-requests.ts';

const TEXTS = Array.from({ length: 10 }, (_, n) => `SELECT id, name FROM table_${n} WHERE id = $1`);
const QUERIES = TEXTS.map(queryOf);

/**
 * A whole request without a repeat, from its start to its close: without call sites, and with them. The difference is what
 * the line of code costs a request that has nothing to hide; the case without is timed twice, for the noise.
 */
export function callSiteCases(): readonly Case[] {
  const sites = new CallSites();
  const cases = [1, 2, 10].flatMap((count) => [
    caseOf(`${count} different queries, without`, count, undefined),
    caseOf(`${count} different queries, without, again`, count, undefined),
    caseOf(`${count} different queries, with call sites`, count, sites),
  ]);
  return [
    ...cases,
    {
      name: 'stacks taken in all of them',
      run() {
        if (sites.statistics.captured > 0) throw new Error('A request without a repeat has taken a stack.');
        return sites.statistics;
      },
    },
  ];
}

function caseOf(name: string, count: number, callSites: CallSites | undefined): Case {
  return {
    name,
    run() {
      const request = openRequest(callSites);
      for (let n = 0; n < count; n++) {
        const query = QUERIES[n];
        if (query === undefined) continue;
        // As the hook of the driver does; without call sites it returns at once.
        request.enter(TEXTS[n] ?? '', 'postgresql', 'driver');
        request.addQuery(query);
      }
      return request.close(END, ANALYSIS);
    },
  };
}
