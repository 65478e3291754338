import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { CACHE_ENTRIES } from '../../examples/demo/sizes.ts';
import type { Report } from '../../report/json.ts';
import { cacheDemoRequests, type CacheDemoRequest } from './cache-demo-requests.ts';
import { startDemoApp } from './demo-app.ts';
import { sendDemoRequest } from './demo-requests.ts';

/** One run of the service: what slowpath reports of it, and what the load generator saw. */
export interface CacheDemoRun {
  readonly report: Report;
  /** Of all answers in their order. */
  readonly answersHash: string;
  /** Answers by their header `X-Cache-Hit`. */
  readonly allHit: number;
  readonly notAllHit: number;
}

export interface CacheDemoOptions {
  readonly databaseUrl: string;
  readonly folder: string;
  readonly collectorUrl: string | undefined;
  readonly onAnswer: () => void;
}

/**
 * Sends the requests to the service without a cache and to the one with a cache, each to both in turn before the next, so that a slow
 * moment of the machine meets both; which of them comes first changes each time. They share a database.
 */
export async function runCacheDemo(options: CacheDemoOptions): Promise<{ off: CacheDemoRun; on: CacheDemoRun }> {
  const services = [await startService('planted', options), await startService('cached', options)] as const;
  let order = [...services];
  for (const request of cacheDemoRequests()) {
    for (const { send } of order) await send(request);
    order = order.toReversed();
  }
  const [off, on] = services;
  return { off: await off.end(), on: await on.end() };
}

interface Service {
  readonly send: (request: CacheDemoRequest) => Promise<void>;
  readonly end: () => Promise<CacheDemoRun>;
}

async function startService(
  variant: 'planted' | 'cached',
  { databaseUrl, folder, collectorUrl, onAnswer }: CacheDemoOptions,
): Promise<Service> {
  const reportFile = join(folder, `cache-${variant}.json`);
  const app = await startDemoApp({ variant, databaseUrl, port: 0, reportFile, collectorUrl });
  const hash = createHash('sha256');
  const counts = { allHit: 0, notAllHit: 0 };
  return {
    async send(request) {
      const { text, cacheHit } = await sendDemoRequest(app.url, request);
      hash.update(text);
      if (cacheHit !== undefined) counts[cacheHit ? 'allHit' : 'notAllHit']++;
      onAnswer();
    },
    end: async () => ({ report: await app.stopAndReadReport(), answersHash: hash.digest('hex'), ...counts }),
  };
}

export interface SimulatedLookups {
  readonly lookups: number;
  readonly hits: number;
}

/**
 * What a cache of `maxEntries` values finds of `requests`, counted by hand: a list with the least recently used subject first. No time
 * passes; a change of a user takes the user's value away. Knows nothing of the cache that the service has.
 */
export function simulateLookups(
  requests: readonly CacheDemoRequest[],
  maxEntries: number = CACHE_ENTRIES,
): SimulatedLookups {
  let recent: string[] = [];
  let [lookups, hits] = [0, 0];
  for (const { endpoint, subject } of requests) {
    const others = recent.filter((other) => other !== subject);
    if (endpoint === 'PUT /api/user/plan') {
      recent = others;
      continue;
    }
    lookups++;
    if (others.length < recent.length) hits++;
    recent = [...others, subject].slice(-maxEntries);
  }
  return { lookups, hits };
}
