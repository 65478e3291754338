import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { createHash } from 'node:crypto';
import type { CacheResult } from '../core/cache-result.ts';
import {
  ATTR_CACHE_HIT,
  ATTR_CACHE_ITEM_SIZE,
  ATTR_CACHE_KEY,
  ATTR_CACHE_KEY_PATTERN,
  ATTR_CACHE_NAME,
  ATTR_CACHE_OPERATION,
  ATTR_CACHE_RESULT,
  ATTR_CACHE_TAG_PATTERNS,
  ATTR_CACHE_TIER,
  ATTR_CACHE_TTL,
  ATTR_CACHE_WRITE,
  ATTR_ERROR_TYPE,
} from '../core/semconv.ts';
import type { CheckedOptions } from './cache-options.ts';

const TRACER = 'slowpath';
/** An error's class; a sentence would be a message, which may hold a value. */
const ERROR_TYPE = /^[\w.$]{1,64}$/;
/** By operation, for Sentry's module of caches. */
const SENTRY_OPERATIONS: Readonly<Record<string, string>> = {
  get: 'cache.get',
  get_or_compute: 'cache.get',
  set: 'cache.put',
  delete: 'cache.remove',
  invalidate_tags: 'cache.flush',
  clear: 'cache.flush',
};

/** What is known of a computation before it runs. */
export interface ComputeSpanStart {
  readonly key: string;
  readonly pattern: string;
  readonly tagPatterns: readonly string[];
  /** In the background: the span that was active where the computation was begun. */
  readonly trigger: Span | undefined;
  readonly isBackground: boolean;
}

/** What is known of it when it ends. Seconds. */
export interface ComputeSpanEnd {
  readonly ttl?: number;
  readonly wasStored: boolean;
  readonly error?: { readonly thrown: unknown };
}

/** What came of work on the second tier, as its span tells. */
interface Outcome {
  readonly result?: CacheResult;
  readonly bytes?: number;
  readonly failed?: boolean;
}

/**
 * The spans of a cache. There is none without a span around it: a cache that is used outside of every request leaves no traces of
 * one span each. Whatever fails here is counted and changes no result.
 */
export class CacheSpans {
  readonly #options: Pick<CheckedOptions, 'name' | 'spans' | 'spanKeys' | 'sentryCompat'>;
  #tracer: Tracer | undefined;
  #faultCount = 0;

  constructor(options: Pick<CheckedOptions, 'name' | 'spans' | 'spanKeys' | 'sentryCompat'>) {
    this.#options = options;
  }

  /** How often a span could not be made, changed or ended. */
  get faultCount(): number {
    return this.#faultCount;
  }

  get showsLookups(): boolean {
    return this.#options.spans === 'all';
  }

  /**
   * Starts a computation's span: a child of the span that is active here, or, in the background, the root of a trace of its own
   * that links to it. `undefined` where there is none to be made.
   */
  startCompute({ key, pattern, tagPatterns, trigger, isBackground }: ComputeSpanStart): Span | undefined {
    const describe = (): Attributes => ({
      ...this.#attributes('get_or_compute', pattern, key),
      ...listed(tagPatterns),
    });
    return this.#start(`cache.compute ${pattern}`, describe, isBackground ? trigger : undefined);
  }

  endCompute(span: Span | undefined, { ttl, wasStored, error }: ComputeSpanEnd): void {
    if (span === undefined) return;
    this.#guard(() => {
      span.setAttribute(ATTR_CACHE_WRITE, wasStored);
      // Exporters write a whole number as 64 bits.
      if (ttl !== undefined) span.setAttribute(ATTR_CACHE_TTL, Math.min(Math.round(ttl), Number.MAX_SAFE_INTEGER));
      if (error !== undefined) setError(span, error.thrown);
    });
    this.#guard(() => span.end());
  }

  /** Runs `work` where `span` is active. */
  within<Result>(span: Span | undefined, work: () => Result): Result {
    return span === undefined ? work() : this.inContext(() => trace.setSpan(context.active(), span), work);
  }

  /** Runs `work` where the context is active; once, and as it would run without OpenTelemetry if that fails. */
  inContext<Result>(contextOf: () => Context, work: () => Result): Result {
    const outcomes: (() => Result)[] = [];
    const run = (): void => {
      outcomes[0] ??= outcomeOf(work);
    };
    this.#guard(() => context.with(contextOf(), run));
    run();
    return (outcomes[0] as () => Result)();
  }

  /** What a link to the span needs. */
  contextOf(span: Span | undefined): SpanContext | undefined {
    return span === undefined ? undefined : this.#guard(() => span.spanContext());
  }

  /** Ties the span that waits for a computation to that computation, which may stand in another trace. */
  link(to: SpanContext, pattern: string): void {
    this.#guard(() => {
      const attributes = { [ATTR_CACHE_NAME]: this.#options.name, [ATTR_CACHE_KEY_PATTERN]: pattern };
      trace.getActiveSpan()?.addLink({ context: to, attributes: { ...attributes, [ATTR_CACHE_RESULT]: 'coalesced' } });
    });
  }

  /** A span for one look-up, where every look-up is to be seen. It has no length to speak of. */
  showLookup(key: string, pattern: string, operation: string, result: CacheResult): void {
    const span = this.#start(`cache.${operation} ${pattern}`, () => this.#attributes(operation, pattern, key));
    this.#guard(() => setResult(span, result, result === 'hit' || result === 'stale' ? 'l1' : undefined));
    this.#guard(() => span?.end());
  }

  /** Runs `work` on the second tier or on all keys under a span of its own; `describe` reads what came out for its attributes. */
  around<Result>(
    operation: string,
    target: { readonly key?: string; readonly pattern?: string; readonly tagPatterns?: readonly string[] },
    work: () => Promise<Result>,
    describe: (result: Result) => Outcome,
  ): Promise<Result> {
    const { key, pattern, tagPatterns = [] } = target;
    const name = pattern === undefined ? `cache.${operation}` : `cache.${operation} ${pattern}`;
    const span = this.#start(name, () => ({ ...this.#attributes(operation, pattern, key), ...listed(tagPatterns) }));
    return span === undefined ? work() : this.#aroundSpan(span, work, describe);
  }

  async #aroundSpan<Result>(
    span: Span,
    work: () => Promise<Result>,
    describe: (result: Result) => Outcome,
  ): Promise<Result> {
    // None of the tiers rejects; the end stands in a `finally` all the same.
    try {
      const outcome = await this.within(span, work);
      const { result, bytes, failed = false } = describe(outcome);
      this.#guard(() => {
        if (result !== undefined) setResult(span, result, result === 'hit' || result === 'stale' ? 'l2' : undefined);
        if (bytes !== undefined) span.setAttribute(ATTR_CACHE_ITEM_SIZE, bytes);
        // No caller sees it: the value is computed, or the invalidation made up for. So the span is no ERROR.
        if (failed) span.setAttribute(ATTR_ERROR_TYPE, 'unavailable');
      });
      return outcome;
    } finally {
      this.#guard(() => span.end());
    }
  }

  /** `trigger`: the span that the new one, a root, links to; without it the new one is a child of the active span. */
  #start(name: string, describe: () => Attributes, trigger?: Span): Span | undefined {
    if (this.#options.spans === 'none') return undefined;
    return this.#guard(() => {
      if ((trigger ?? trace.getActiveSpan()) === undefined) return undefined;
      this.#tracer ??= trace.getTracer(TRACER);
      const links = trigger === undefined ? [] : [{ context: trigger.spanContext() }];
      const parent = trigger === undefined ? context.active() : ROOT_CONTEXT;
      return this.#tracer.startSpan(name, { kind: SpanKind.INTERNAL, attributes: describe(), links }, parent);
    });
  }

  #attributes(operation: string, pattern: string | undefined, key: string | undefined): Attributes {
    const { name, spanKeys, sentryCompat } = this.#options;
    const attributes: Attributes = { [ATTR_CACHE_NAME]: name, [ATTR_CACHE_OPERATION]: operation };
    if (pattern !== undefined) attributes[ATTR_CACHE_KEY_PATTERN] = pattern;
    if (sentryCompat) {
      attributes['sentry.op'] = SENTRY_OPERATIONS[operation] ?? `cache.${operation}`;
      attributes[ATTR_CACHE_KEY] = [pattern ?? ''];
    }
    if (key !== undefined && spanKeys !== 'none') attributes[ATTR_CACHE_KEY] = [spanKeys === 'raw' ? key : hashed(key)];
    return attributes;
  }

  #guard<Result>(work: () => Result): Result | undefined {
    try {
      return work();
    } catch {
      this.#faultCount++;
      return undefined;
    }
  }
}

/** Runs `work`, and gives what brings its result, or throws what it threw. */
function outcomeOf<Result>(work: () => Result): () => Result {
  try {
    const result = work();
    return () => result;
  } catch (thrown) {
    return () => {
      throw thrown;
    };
  }
}

function listed(tagPatterns: readonly string[]): Attributes {
  return tagPatterns.length === 0 ? {} : { [ATTR_CACHE_TAG_PATTERNS]: [...tagPatterns] };
}

function setResult(span: Span | undefined, result: CacheResult, tier: 'l1' | 'l2' | undefined): void {
  span?.setAttribute(ATTR_CACHE_RESULT, result);
  span?.setAttribute(ATTR_CACHE_HIT, result === 'hit' || result === 'stale');
  if (tier !== undefined) span?.setAttribute(ATTR_CACHE_TIER, tier);
}

function setError(span: Span, thrown: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  const name: unknown = thrown instanceof Error ? thrown.name : '';
  span.setAttribute(ATTR_ERROR_TYPE, typeof name === 'string' && ERROR_TYPE.test(name) ? name : '_OTHER');
}

function hashed(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}
