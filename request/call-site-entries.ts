import type { CallGroup, CallSite, SpanId } from '../core/types.ts';
import { describeQuery, maxMemoTextLength } from '../sql/index.ts';
import { describeHttpCall, describeKeyValueCommand } from './call-shapes.ts';
import type { CapturedStack } from './call-site-stack.ts';
import type { CallSites } from './call-sites.ts';

/** Shapes that are counted per request. */
export const MAX_ENTERED_SHAPES = 64;
/** Stacks that one request takes. */
export const MAX_CAPTURES_PER_REQUEST = 5;
/** The repeat that takes the stack. */
export const CAPTURING_REPEAT = 3;

/**
 * Where a call was seen entering. One call may pass several of them (a pool, then the driver), so each counts by itself;
 * the outermost comes first and takes the stack.
 */
export type EntryPoint = 'orm' | 'pool' | 'driver' | 'document' | 'http' | 'kv';

interface EnteredShape {
  readonly counts: Record<EntryPoint, number>;
  stack: CapturedStack | undefined;
  /** Of the call that took the stack, where it had one. */
  spanId: SpanId | undefined;
  /** Told by a span's attributes or by a comment in the statement. */
  told: CallSite | undefined;
}

interface Entry {
  readonly text: string;
  readonly system: string;
  readonly point: EntryPoint;
}

/**
 * Counts what a request asks for by its shape while the caller is still on the stack, and takes the stack of a repeat.
 * Two calls are only kept as they came: a request with less asks for no shape and takes no stack.
 */
export class CallEntries {
  readonly #sites: CallSites;
  #first: Entry | undefined;
  #second: Entry | undefined;
  #shapes: Map<string, EnteredShape> | undefined;
  #captures = 0;

  constructor(sites: CallSites) {
    this.#sites = sites;
  }

  /**
   * To be called in the caller's stack. `text` is the statement or the command; of a document store it is the fingerprint, of
   * an HTTP call the URL, and then `system` is the method.
   */
  enter(text: string, system: string, point: EntryPoint, spanId?: SpanId): void {
    // A statement of that length is read anew each time that its shape is asked for.
    if (text.length > maxMemoTextLength && isStatement(point)) return;
    if (this.#shapes === undefined && this.#second === undefined && !this.#sites.hasArmed) {
      if (this.#first === undefined) this.#first = { text, system, point };
      else this.#second = { text, system, point };
      return;
    }
    this.#count(text, system, point, spanId);
  }

  /** Keeps a line that was told by other means than a stack. */
  told(shape: string, callSite: CallSite): void {
    const entered = this.#shapeOf(shape);
    if (entered !== undefined) entered.told ??= callSite;
  }

  stackOf(shape: string): CapturedStack | undefined {
    return this.#shapes?.get(shape)?.stack;
  }

  /** Calls of one shape may be several groups, by a part of their keys that no group tells: the span says which it was. */
  stackOfCalls(group: CallGroup): CapturedStack | undefined {
    for (const { spanId, stack } of this.#shapes?.values() ?? [])
      if (spanId !== undefined && group.spanIds.includes(spanId)) return stack;
    return this.stackOf(callShapeKey(group.system, group.shape));
  }

  toldOf(shape: string): CallSite | undefined {
    return this.#shapes?.get(shape)?.told;
  }

  #count(text: string, system: string, point: EntryPoint, spanId: SpanId | undefined): void {
    if (this.#first !== undefined) {
      const early = [this.#first, this.#second];
      this.#first = undefined;
      for (const entry of early) if (entry !== undefined) this.#add(entry.text, entry.system, entry.point);
    }
    const shape = this.#add(text, system, point);
    if (shape === undefined) return;
    const entered = this.#shapes?.get(shape);
    if (entered === undefined || entered.stack !== undefined || this.#captures >= MAX_CAPTURES_PER_REQUEST) return;
    const isRepeat = entered.counts[point] === CAPTURING_REPEAT;
    if (!isRepeat && !this.#sites.isArmed(shape)) return;
    entered.stack = this.#sites.capture(isRepeat ? 'repeat' : 'armed');
    if (entered.stack === undefined) return;
    entered.spanId = spanId;
    this.#captures++;
  }

  /** Counts a call; its shape, unless it is one of which no finding speaks. */
  #add(text: string, system: string, point: EntryPoint): string | undefined {
    const shape = shapeKey(text, system, point);
    const entered = shape === undefined ? undefined : this.#shapeOf(shape);
    if (entered === undefined) return undefined;
    entered.counts[point]++;
    return shape;
  }

  #shapeOf(shape: string): EnteredShape | undefined {
    this.#shapes ??= new Map();
    let entered = this.#shapes.get(shape);
    if (entered === undefined && this.#shapes.size < MAX_ENTERED_SHAPES) {
      entered = {
        counts: { orm: 0, pool: 0, driver: 0, document: 0, http: 0, kv: 0 },
        stack: undefined,
        spanId: undefined,
        told: undefined,
      };
      this.#shapes.set(shape, entered);
    }
    return entered;
  }
}

/** The key of a group of calls that no part of their targets splits. */
export function callShapeKey(system: string, shape: string, patternHash = 0): string {
  return patternHash === 0 ? `${system}\n${shape}` : `${system}\n${shape}\n${patternHash}`;
}

function isStatement(point: EntryPoint): boolean {
  return point === 'orm' || point === 'pool' || point === 'driver';
}

/** What a call will be grouped by: the fingerprint of a statement, or the key of a group of calls. */
function shapeKey(text: string, system: string, point: EntryPoint): string | undefined {
  if (point === 'http') {
    const call = describeHttpCall(system, text);
    return call && callShapeKey('http', call.shape);
  }
  if (point === 'kv') {
    const call = describeKeyValueCommand(text, system);
    return call && callShapeKey(system, call.shape, call.patternHash);
  }
  if (point === 'document') return text;
  const { kind, fingerprint } = describeQuery(text, system);
  return kind === 'control' ? undefined : fingerprint;
}
