import {
  diag,
  SpanStatusCode,
  type AnyValue,
  type Attributes,
  type Exception,
  type HrTime,
  type Link,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  type TimeInput,
} from '@opentelemetry/api';
import {
  AddAttributeDecision,
  cleanAttributes,
  cleanSimpleAttributes,
  isTimeInput,
  maybeAddAttribute,
  type InstrumentationScope,
} from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { Span, TimedEvent } from '@opentelemetry/sdk-trace';
import { exceptionAttributes } from './exception-attributes.ts';
import type { LeanTrace } from './lean-trace.ts';
import { hex32, random32 } from './random-ids.ts';
import type { SpanLimits } from './span-limits.ts';
import { durationToHrTime, type WallClock } from './wall-clock.ts';

/** What a span belongs to: its tracer, and through it its SDK. */
export interface SpanOwner {
  readonly scope: InstrumentationScope;
  readonly resource: Resource;
  readonly limits: SpanLimits;
  /** The span has its end, and can still be changed. */
  ending(span: LeanSpan): void;
  ended(span: LeanSpan): void;
}

export interface SpanStart {
  readonly owner: SpanOwner;
  readonly trace: LeanTrace;
  readonly name: string;
  readonly kind: SpanKind;
  /** Of a valid parent. */
  readonly parent: SpanContext | undefined;
  readonly sampled: boolean;
  /** The span's own copy, within the limits; and how many there are, and were left out. */
  readonly attributes: Attributes;
  readonly attributeCount: number;
  readonly attributesDropped: number;
  readonly startTime: TimeInput | undefined;
}

/** Shared by all spans that have none, hence frozen; a span's own comes with its first. */
const NO_EVENTS = Object.freeze<TimedEvent[]>([]) as TimedEvent[];
const NO_LINKS = Object.freeze<Link[]>([]) as Link[];
const UNSET: SpanStatus = Object.freeze({ code: SpanStatusCode.UNSET });

/**
 * A span that is what the API gives to applications and what processors and exporters read, in one object. Times and ids are
 * numbers; what is made of them (hexadecimal ids, `[seconds, nanoseconds]`, the span context) is made when somebody asks.
 */
export class LeanSpan implements Span {
  readonly owner: SpanOwner;
  readonly trace: LeanTrace;
  /** The two words of the span's id. */
  readonly id0: number = random32();
  readonly id1: number = random32() | 1;
  /** Its context and not the span: a chain of timers would keep every span that has led to it. */
  readonly parentSpanContext?: SpanContext;
  readonly sampled: boolean;
  readonly kind: SpanKind;
  name: string;
  readonly attributes: Attributes;
  status: SpanStatus = UNSET;
  /** The trace's; one of its own for a span that was given its start. */
  readonly clock: WallClock;
  /** Milliseconds on the clock. */
  readonly startMs: number;
  endMs = -1;
  ended = false;
  events: TimedEvent[] = NO_EVENTS;
  links: Link[] = NO_LINKS;
  droppedAttributesCount: number;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  #attributeCount: number;
  #hasEnd = false;
  #context: SpanContext | undefined = undefined;

  constructor(start: SpanStart) {
    this.owner = start.owner;
    this.trace = start.trace;
    if (start.parent !== undefined) this.parentSpanContext = start.parent;
    this.sampled = start.sampled;
    this.kind = start.kind;
    this.name = start.name;
    this.attributes = start.attributes;
    this.#attributeCount = start.attributeCount;
    this.droppedAttributesCount = start.attributesDropped;
    const { startTime } = start;
    this.clock = startTime === undefined ? start.trace.clock : start.trace.clock.near(startTime);
    this.startMs = startTime === undefined ? this.clock.now() : this.clock.fromInput(startTime);
  }

  spanContext(): SpanContext {
    return (this.#context ??= {
      traceId: this.trace.id,
      spanId: hex32(this.id0) + hex32(this.id1),
      traceFlags: this.sampled ? 1 : 0,
      ...(this.trace.state !== undefined && { traceState: this.trace.state }),
    });
  }

  setAttribute(key: string, value: AnyValue): this {
    if (this.#isClosed('setAttribute')) return this;
    const isPlain =
      (typeof value === 'string' && key !== '') || typeof value === 'number' || typeof value === 'boolean';
    // The usual case, without the object that OpenTelemetry's own function is given.
    if (isPlain && Object.hasOwn(this.attributes, key) && this.owner.limits.attributeValueLengthLimit === Infinity) {
      this.attributes[key] = value;
      return this;
    }
    const decision = maybeAddAttribute({
      key,
      value,
      attributes: this.attributes,
      limits: this.owner.limits,
      currentAttributesCount: this.#attributeCount,
    });
    if (decision === AddAttributeDecision.ADD_NEW) this.#attributeCount++;
    else if (decision === AddAttributeDecision.DROP_LIMIT_REACHED) this.droppedAttributesCount++;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const key of Object.keys(attributes)) this.setAttribute(key, attributes[key] as AnyValue);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.#isClosed('addEvent')) return this;
    const { eventCountLimit, attributePerEventCountLimit, attributeValueLengthLimit } = this.owner.limits;
    if (eventCountLimit === 0) {
      this.droppedEventsCount++;
      return this;
    }
    if (this.events === NO_EVENTS) this.events = [];
    if (this.events.length >= eventCountLimit) {
      this.events.shift();
      this.droppedEventsCount++;
    }
    const isTime = isTimeInput(attributesOrTime);
    const at = isTimeInput(time) ? time : isTime ? attributesOrTime : undefined;
    const { clock } = this;
    this.events.push({
      name,
      time: Array.isArray(at) ? at : clock.toHrTime(at === undefined ? clock.now() : clock.fromInput(at)),
      ...cleanSimpleAttributes(isTime ? undefined : attributesOrTime, {
        attributeCountLimit: attributePerEventCountLimit,
        attributeValueLengthLimit,
      }),
    });
    return this;
  }

  addLink(link: Link): this {
    if (this.#isClosed('addLink')) return this;
    const { linkCountLimit, attributePerLinkCountLimit, attributeValueLengthLimit } = this.owner.limits;
    if (linkCountLimit === 0) {
      this.droppedLinksCount++;
      return this;
    }
    if (this.links === NO_LINKS) this.links = [];
    if (this.links.length >= linkCountLimit) {
      this.links.shift();
      this.droppedLinksCount++;
    }
    const limits = { attributeCountLimit: attributePerLinkCountLimit, attributeValueLengthLimit };
    this.links.push({ context: link.context, ...cleanAttributes(link.attributes, limits) });
    return this;
  }

  addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  setStatus({ code, message }: SpanStatus): this {
    if (this.#isClosed('setStatus')) return this;
    // As OpenTelemetry has it: UNSET says nothing, and OK is final.
    if (code === SpanStatusCode.UNSET || this.status.code === SpanStatusCode.OK) return this;
    this.status = code === SpanStatusCode.ERROR && typeof message === 'string' ? { code, message } : { code };
    return this;
  }

  updateName(name: string): this {
    if (!this.#isClosed('updateName')) this.name = name;
    return this;
  }

  isRecording(): boolean {
    return !this.ended;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const attributes = exceptionAttributes(exception);
    if (attributes === undefined) diag.warn('An exception without a message, a code or a name was not recorded.');
    else this.addEvent('exception', attributes, time);
  }

  end(time?: TimeInput): void {
    if (this.#hasEnd) {
      diag.error(`${this.name} was ended twice.`);
      return;
    }
    this.#hasEnd = true;
    const { clock } = this;
    const endMs = time === undefined ? clock.now() : clock.fromInput(time);
    this.endMs = Math.max(endMs, this.startMs);
    this.owner.ending(this);
    this.ended = true;
    this.owner.ended(this);
  }

  get startTime(): HrTime {
    return this.clock.toHrTime(this.startMs);
  }

  get endTime(): HrTime {
    return this.#hasEnd ? this.clock.toHrTime(this.endMs) : [0, 0];
  }

  get duration(): HrTime {
    return this.#hasEnd ? durationToHrTime(this.endMs - this.startMs) : [-1, -1];
  }

  get resource(): Resource {
    return this.owner.resource;
  }

  get instrumentationScope(): InstrumentationScope {
    return this.owner.scope;
  }

  #isClosed(operation: string): boolean {
    if (this.ended) diag.warn(`${operation} on a span that has ended has no effect.`);
    return this.ended;
  }
}
