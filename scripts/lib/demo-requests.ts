import { createHash } from 'node:crypto';

interface EndpointLoad {
  readonly endpoint: string;
  readonly count: number;
  /** The `n`th request of this endpoint, from 0. The same in every run. */
  readonly request: (n: number) => { readonly path: string; readonly body?: string };
}

/** Requests to each endpoint before the measured ones. They are in the report, and not in the load generator's times. */
export const WARM_UP_PER_ENDPOINT = 2;

const loads: readonly EndpointLoad[] = [
  { endpoint: 'GET /api/meetings/list', count: 20, request: () => ({ path: '/api/meetings/list' }) },
  { endpoint: 'GET /api/user/usage', count: 10, request: (n) => ({ path: `/api/user/usage?userId=${1 + 7 * n}` }) },
  {
    endpoint: 'POST /api/rag/chat',
    count: 20,
    request: (n) => ({ path: '/api/rag/chat', body: JSON.stringify({ question: `What was decided in week ${n}?` }) }),
  },
  { endpoint: 'GET /api/health', count: 30, request: () => ({ path: '/api/health' }) },
];

/** All requests that one run sends, warm-up included. */
export const REQUESTS_PER_RUN = loads.reduce((sum, { count }) => sum + count + WARM_UP_PER_ENDPOINT, 0);

/** A request that the demo sends. */
export interface DemoRequest {
  readonly endpoint: string;
  readonly path: string;
  readonly body?: string;
}

/** The measured requests of one run, in their order: the endpoints take turns, each in proportion to its share, as in real traffic. */
export function demoRequests(): readonly DemoRequest[] {
  return loads
    .flatMap(({ endpoint, count, request }) =>
      Array.from({ length: count }, (_, n) => ({ endpoint, ...request(n), at: (n + 0.5) / count })),
    )
    .toSorted((a, b) => a.at - b.at);
}

/** An answer of the demo's service, and its times. */
export interface DemoAnswer extends RequestTimes {
  readonly text: string;
  /** What the header `X-Cache-Hit` says; `undefined` without it. */
  readonly cacheHit: boolean | undefined;
}

/** @throws {Error} if the answer is not 200. */
export async function sendDemoRequest(baseUrl: string, { endpoint, path, body }: DemoRequest): Promise<DemoAnswer> {
  const startMs = performance.now();
  const answer = await fetch(new URL(path, baseUrl), {
    method: endpoint.slice(0, endpoint.indexOf(' ')),
    ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
  });
  const text = await answer.text();
  const durationMs = performance.now() - startMs;
  if (answer.status !== 200) throw new Error(`${endpoint} answered ${answer.status}: ${text.slice(0, 200)}`);
  const cacheHeader = answer.headers.get('x-cache-hit');
  const cacheHit = cacheHeader === null ? undefined : cacheHeader === 'true';
  const serverMs = Number(answer.headers.get('x-response-time-ms') ?? NaN);
  return { text, cacheHit, startMs, durationMs, serverMs };
}

/** One request as the load generator saw it. Milliseconds, on its own monotonic clock. */
export interface RequestTimes {
  readonly startMs: number;
  /** Up to the last byte of the answer. */
  readonly durationMs: number;
  /** What the answer's header `X-Response-Time-Ms` says; the rest of `durationMs` is transport. NaN without the header. */
  readonly serverMs: number;
}

/** What the load generator itself saw of an endpoint, from outside. */
export interface LoadResult {
  readonly endpoint: string;
  /** Requests sent, warm-up included: as many as the report must count. */
  readonly sent: number;
  readonly measured: number;
  readonly durationMsP50: number;
  readonly durationMsMax: number;
  /** Of all answers in their order: equal for two services that answer the same. */
  readonly answersHash: string;
  /** All that were sent, warm-up first. */
  readonly requests: readonly RequestTimes[];
}

/**
 * Sends the demo's requests, one after the other and in the same order every time, and times each answer.
 * @throws {Error} if an answer is not 200.
 */
export async function sendDemoRequests(baseUrl: string, onAnswer: () => void): Promise<readonly LoadResult[]> {
  const runs = loads.map((load) => ({ load, requests: [] as RequestTimes[], hash: createHash('sha256') }));
  const send = async (request: DemoRequest): Promise<void> => {
    const { text, cacheHit: _, ...times } = await sendDemoRequest(baseUrl, request);
    const run = runs.find(({ load }) => load.endpoint === request.endpoint);
    run?.hash.update(text);
    run?.requests.push(times);
    onAnswer();
  };
  for (const { endpoint, request } of loads) {
    for (let n = 0; n < WARM_UP_PER_ENDPOINT; n++) await send({ endpoint, ...request(n) });
  }
  for (const request of demoRequests()) await send(request);
  return runs.map(({ load, requests, hash }) => ({
    endpoint: load.endpoint,
    sent: load.count + WARM_UP_PER_ENDPOINT,
    measured: load.count,
    ...timesOf(requests.slice(WARM_UP_PER_ENDPOINT).map(({ durationMs }) => durationMs)),
    answersHash: hash.digest('hex'),
    requests,
  }));
}

/** Computed here from all values, so that the report's numbers have something to be held against. */
function timesOf(durationsMs: readonly number[]): Pick<LoadResult, 'durationMsP50' | 'durationMsMax'> {
  const sorted = durationsMs.toSorted((a, b) => a - b);
  return {
    durationMsP50: sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN,
    durationMsMax: sorted.at(-1) ?? Number.NaN,
  };
}
