/** A span as Jaeger's query API has it; the parts that tests read. */
export interface JaegerSpan {
  readonly traceID: string;
  readonly spanID: string;
  readonly references: readonly { readonly refType: string; readonly spanID: string }[];
  readonly tags: readonly JaegerTag[];
  readonly logs: readonly { readonly fields: readonly JaegerTag[] }[];
}

export interface JaegerTag {
  readonly key: string;
  readonly value: unknown;
}

/** The traces of a service, and the answer's text with everything that Jaeger knows of them. */
export interface JaegerTraces {
  readonly traces: readonly (readonly JaegerSpan[])[];
  readonly text: string;
}

/**
 * Searches as Jaeger's page does: by service, and by tags that a span of the trace must have.
 * An unknown service has no traces. https://www.jaegertracing.io/docs/2.13/architecture/apis/
 */
export async function findTraces(
  jaegerUrl: string,
  service: string,
  tags: Readonly<Record<string, string>> = {},
): Promise<JaegerTraces> {
  const query = new URLSearchParams({ service, tags: JSON.stringify(tags), limit: '100', lookback: '1h' });
  const response = await fetch(`${jaegerUrl}/api/traces?${query}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`Jaeger answered ${response.status}: ${text.slice(0, 500)}`);
  const { data } = JSON.parse(text) as { readonly data: readonly { readonly spans: readonly JaegerSpan[] }[] | null };
  return { traces: (data ?? []).map(({ spans }) => spans), text };
}

/** The value of a span's or an event's tag; `undefined` if it has none of that name. */
export function tagOf(tags: readonly JaegerTag[], key: string): unknown {
  return tags.find((tag) => tag.key === key)?.value;
}

/** The tags of a span's events of that name. */
export function eventsOf(span: JaegerSpan, name: string): (readonly JaegerTag[])[] {
  return span.logs.map(({ fields }) => fields).filter((fields) => tagOf(fields, 'event') === name);
}

/** The id of the span's parent; `undefined` for a root. */
export function parentIdOf(span: JaegerSpan): string | undefined {
  return span.references.find(({ refType }) => refType === 'CHILD_OF')?.spanID;
}
