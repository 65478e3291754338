/** `node bench/cache/measure-telemetry.ts [--quick]`: what it costs that a look-up is counted on its request; JSON of its `TelemetryCost`. */
import { parseArgs } from 'node:util';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { CacheManager } from '../../cache/cache-manager.ts';
import { defineKey } from '../../cache/define-key.ts';
import { RequestSpanProcessor } from '../../processors/request-span-processor.ts';
import { currentRequest } from '../../request/request-on-span.ts';
import { cpuNs, medianOf, QUICK, THOROUGH, timeBatches } from './cpu-time.ts';
import { ENTRIES, MAX_ENTRIES, workload } from './workload.ts';

/** Nanoseconds of processor time. */
export interface TelemetryCost {
  /**
   * A hit in the first tier where no request has ever been followed, and nothing is told to anybody. Each waits for the one before, as
   * those of a request do; in a loop of hits that do not, the processor fetches from memory for several at once.
   */
  readonly hitNs: number;
  /** What it takes longer within the handling of a request, whose span is active: the median over pairs of batches. */
  readonly addedNs: number;
  /** The making of a key with one parameter. */
  readonly makeKeyNs: number;
}

const BATCH = 10_000;
/** Where the first request that is followed leaves its mark: taken away, the process is as if none had been. */
const FOLLOWED = Symbol.for('slowpath.requests.followed');

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' } } });
const budget = flags.quick ? QUICK : THOROUGH;
const { keys, lookups, values } = workload();
const cache = new CacheManager({ name: 'bench', maxEntries: MAX_ENTRIES });
for (const [n, key] of keys.entries()) cache.set(key, values[n], { ttl: 3600 });

const cost: TelemetryCost = { ...inRequest(timeHits), makeKeyNs: await timeKeys() };
console.log(JSON.stringify(cost));
process.exit();

/** Runs it as a handler runs: the real SDK, its context manager, and a span that our processor follows. */
function inRequest<T>(run: () => T): T {
  process.env['OTEL_TRACES_EXPORTER'] = 'none';
  new NodeSDK({ spanProcessors: [new RequestSpanProcessor()], instrumentations: [] }).start();
  const span = trace.getTracer('bench').startSpan('GET', { kind: SpanKind.SERVER });
  return context.with(trace.setSpan(context.active(), span), run);
}

/** Batches with and without the request in turn: a slow moment of the machine meets both. */
function timeHits(): Pick<TelemetryCost, 'hitNs' | 'addedNs'> {
  const followed = (globalThis as { [FOLLOWED]?: { any: boolean } })[FOLLOWED];
  if (followed?.any !== true) throw new Error('No request is followed.');
  const hitNs: number[] = [];
  const addedNs: number[] = [];
  let start = 0;
  const next = (any: boolean): number => {
    followed.any = any;
    const before = cpuNs();
    start = walk(start);
    return (cpuNs() - before) / BATCH;
  };
  for (let spentNs = 0; spentNs < budget.warmUpNs + 2 * budget.timedNs;) {
    // Which of both comes first changes as well.
    const isFirst = addedNs.length % 2 === 0;
    const first = next(isFirst);
    const second = next(!isFirst);
    const [within, outside] = isFirst ? [first, second] : [second, first];
    spentNs += (first + second) * BATCH;
    if (spentNs < budget.warmUpNs) continue;
    hitNs.push(outside);
    addedNs.push(within - outside);
  }
  followed.any = true;
  if (currentRequest()?.cacheUse === undefined) throw new Error('The request has counted no look-up.');
  return { hitNs: medianOf(hitNs), addedNs: medianOf(addedNs) };
}

/** A batch of hits from number `n` on; which is next is known from the value alone. Returns where it ended. */
function walk(n: number): number {
  for (let hit = 0; hit < BATCH; hit++) {
    const value = cache.get<{ readonly id: number }>(lookups[n % ENTRIES] as string);
    if (value === undefined) throw new Error('A value was not in the cache.');
    // One further: no id is negative, which the processor does not know.
    n += 1 + (value.id >>> 31);
  }
  return n;
}

function timeKeys(): Promise<number> {
  const settings = defineKey()('user:{userId}:settings', { ttl: 600, tags: ['user:{userId}'] });
  const userIds = keys.map((_, n) => `u${n}`);
  let length = 0;
  return timeBatches(BATCH, budget, (start) => {
    for (let n = start; n < start + BATCH; n++)
      length += settings({ userId: userIds[n % ENTRIES] as string }).key.length;
    if (length === 0) throw new Error('No key was made.');
  });
}
