import type { LiveRequest } from '../../request/live-request.ts';
import type { Case } from '../lib/measure.ts';
import { ANALYSIS, END, openRequest, queryOf } from './live-requests.ts';

const CALLS = 40;

/** The close of requests by the number of their queries: at most four of one shape, all different, and one loop. */
export function closeCases(): readonly Case[] {
  return [5, 50, 500].flatMap((count) => [
    caseOf(`${count} queries, nothing to find`, count, 4),
    caseOf(`${count} different queries`, count, 1),
    caseOf(`${count} queries in one loop`, count, count),
  ]);
}

/** Requests of `count` queries, at most `repeats` of one shape. */
function caseOf(name: string, count: number, repeats: number): Case {
  let requests: readonly LiveRequest[] = [];
  return {
    name,
    prepare() {
      requests = Array.from({ length: CALLS }, () => requestOf(count, repeats));
    },
    run: (call) => requests[call]?.close(END, ANALYSIS),
  };
}

function requestOf(count: number, repeats: number): LiveRequest {
  const request = openRequest();
  for (let n = 0; n < count; n++)
    request.addQuery(queryOf(`SELECT id, name FROM table_${Math.floor(n / repeats)} WHERE id = $1`, n));
  return request;
}
