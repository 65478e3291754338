import type { Context, Span } from '@opentelemetry/api';
import { createContextKey } from '@opentelemetry/api';

/** The API's own key: `createContextKey` is `Symbol.for`, so every copy of the API has the same one. */
const SPAN_KEY = createContextKey('OpenTelemetry Context Key SPAN');

/**
 * A context with a fixed place for the span and a short list for everything else: baggage, suppression, RPC metadata. The
 * API's own copies a Map for each value that is set, which is most of what a span's context costs.
 */
export class LeanContext implements Context {
  readonly span: Span | undefined;
  readonly #entries: Entry | undefined;

  constructor(span?: Span, entries?: Entry) {
    this.span = span;
    this.#entries = entries;
  }

  getValue(key: symbol): unknown {
    if (key === SPAN_KEY) return this.span;
    for (let entry = this.#entries; entry !== undefined; entry = entry.next) if (entry.key === key) return entry.value;
    return undefined;
  }

  setValue(key: symbol, value: unknown): LeanContext {
    if (key === SPAN_KEY) return new LeanContext(value as Span | undefined, this.#entries);
    // Without its older entry a key that is set in a loop would grow the list.
    return new LeanContext(this.span, { key, value, next: without(this.#entries, key) });
  }

  deleteValue(key: symbol): LeanContext {
    if (key === SPAN_KEY) return new LeanContext(undefined, this.#entries);
    return new LeanContext(this.span, without(this.#entries, key));
  }
}

/** The context without values. The API's ROOT_CONTEXT is another one of the same meaning. */
export const LEAN_ROOT_CONTEXT = new LeanContext();

interface Entry {
  readonly key: symbol;
  readonly value: unknown;
  readonly next: Entry | undefined;
}

function without(entries: Entry | undefined, key: symbol): Entry | undefined {
  if (entries === undefined) return undefined;
  if (entries.key === key) return entries.next;
  const next = without(entries.next, key);
  return next === entries.next ? entries : { ...entries, next };
}
