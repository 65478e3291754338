import type { Environment } from '../../core/settings.ts';

/** By the names that OpenTelemetry's own functions take. https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#span-limits */
export interface SpanLimits {
  readonly attributeCountLimit: number;
  readonly attributeValueLengthLimit: number;
  readonly eventCountLimit: number;
  readonly linkCountLimit: number;
  readonly attributePerEventCountLimit: number;
  readonly attributePerLinkCountLimit: number;
}

const COUNT = 128;

/** Never throws: what cannot be used gives a line in `problems` and the default. Empty means unset. */
export function readSpanLimits(environment: Environment): {
  readonly limits: SpanLimits;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const read = (fallback: number, ...variables: readonly string[]): number => {
    for (const variable of variables) {
      const text = environment[variable]?.trim();
      if (text === undefined || text === '') continue;
      const value = Number(text);
      if (Number.isInteger(value) && value >= 0) return value;
      const shown = fallback === Infinity ? 'no limit' : String(fallback);
      problems.push(`${variable}="${text.slice(0, 60)}" is not a whole number from 0. Using ${shown} (the default).`);
      return fallback;
    }
    return fallback;
  };
  const valueLength = read(Infinity, 'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT');
  const limits: SpanLimits = {
    attributeCountLimit: read(COUNT, 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'),
    // The SDK takes 0 for no limit.
    attributeValueLengthLimit: valueLength === 0 ? Infinity : valueLength,
    eventCountLimit: read(COUNT, 'OTEL_SPAN_EVENT_COUNT_LIMIT'),
    linkCountLimit: read(COUNT, 'OTEL_SPAN_LINK_COUNT_LIMIT'),
    attributePerEventCountLimit: read(COUNT, 'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT'),
    attributePerLinkCountLimit: read(COUNT, 'OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT'),
  };
  return { limits, problems };
}
