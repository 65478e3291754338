import type { AttributeValue, HrTime } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** Milliseconds of an OpenTelemetry duration `[seconds, nanoseconds]`. */
export function toMs(time: HrTime): number {
  return time[0] * 1e3 + time[1] / 1e6;
}

/** Milliseconds from `from` to `to`; never negative, for a wall clock may step back between two spans. */
export function msBetween(from: readonly [number, number], to: HrTime): number {
  return Math.max(0, (to[0] - from[0]) * 1e3 + (to[1] - from[1]) / 1e6);
}

/** The attribute if it is a string; attributes come from anybody and may be of any type. */
export function stringAttribute(span: ReadableSpan, name: string): string | undefined {
  const value: AttributeValue | undefined = span.attributes[name];
  return typeof value === 'string' ? value : undefined;
}

/** The attribute if it is a finite number. */
export function numberAttribute(span: ReadableSpan, name: string): number | undefined {
  const value: AttributeValue | undefined = span.attributes[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
