import type { SpanContext, TraceState } from '@opentelemetry/api';
import { hex32, random32, wordOfHex } from './random-ids.ts';
import { currentClock, type WallClock } from './wall-clock.ts';

/**
 * What the spans of one trace share in this process. The id is four words: cheap to make and to write as bytes; its hexadecimal
 * form is made when somebody asks.
 */
export class LeanTrace {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly state: TraceState | undefined;
  readonly clock: WallClock;
  #id: string | undefined;
  #serializedState: string | undefined;

  constructor(words: readonly [number, number, number, number], state: TraceState | undefined, clock: WallClock) {
    [this.a, this.b, this.c, this.d] = words;
    this.state = state;
    this.clock = clock;
  }

  /** A new one, with an id that no other has. */
  static start(): LeanTrace {
    const last = random32();
    // All zeros would be no id.
    return new LeanTrace([random32(), random32(), random32(), last === 0 ? 1 : last], undefined, currentClock());
  }

  /** That of a valid span context: of a remote parent, or of another SDK's span. */
  static join({ traceId, traceState }: SpanContext): LeanTrace {
    const words = [0, 8, 16, 24].map((offset) => wordOfHex(traceId, offset)) as [number, number, number, number];
    return new LeanTrace(words, traceState, currentClock());
  }

  withState(state: TraceState): LeanTrace {
    return new LeanTrace([this.a, this.b, this.c, this.d], state, this.clock);
  }

  get id(): string {
    return (this.#id ??= hex32(this.a) + hex32(this.b) + hex32(this.c) + hex32(this.d));
  }

  /** Empty where there is none. */
  get serializedState(): string {
    return (this.#serializedState ??= this.state?.serialize() ?? '');
  }
}
