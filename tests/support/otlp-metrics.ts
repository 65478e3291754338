import { decodeMetricsRequest } from './otlp-metrics-protobuf.ts';

export interface ReceivedBuckets {
  readonly count: number;
  readonly sum: number;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly scale: number;
  readonly zeroCount: number;
  readonly offset: number;
  readonly bucketCounts: readonly number[];
}

export interface ReceivedPoint {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly startMs: number;
  readonly endMs: number;
  /** Of a sum or a gauge. */
  readonly value: number | undefined;
  /** Of an exponential histogram. */
  readonly buckets: ReceivedBuckets | undefined;
}

/** One metric of one export, whatever the protocol was. */
export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  readonly type: 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram';
  readonly temporality: 'delta' | 'cumulative' | undefined;
  readonly isMonotonic: boolean;
  readonly scope: string;
  readonly serviceName: unknown;
  readonly points: readonly ReceivedPoint[];
}

/** OTLP's JSON form; protobuf is brought to it. 64-bit numbers are numbers or strings. */
type Json = { readonly [key: string]: Json } | readonly Json[] | string | number | boolean | undefined;

const TYPES = ['gauge', 'sum', 'histogram', 'exponentialHistogram'] as const;

/** The metrics of one request's body. */
export function readMetrics(body: Buffer, contentType: string): readonly ReceivedMetric[] {
  const request = (contentType.includes('json') ? JSON.parse(body.toString()) : decodeMetricsRequest(body)) as Json;
  return list(request, 'resourceMetrics').flatMap((ofResource) =>
    list(ofResource, 'scopeMetrics').flatMap((ofScope) =>
      list(ofScope, 'metrics').map((metric) => ({
        ...toMetric(metric),
        scope: String(at(at(ofScope, 'scope'), 'name') ?? ''),
        serviceName: attributesOf(at(ofResource, 'resource'))['service.name'],
      })),
    ),
  );
}

function toMetric(metric: Json): Omit<ReceivedMetric, 'scope' | 'serviceName'> {
  const type = TYPES.find((name) => at(metric, name) !== undefined);
  if (type === undefined) throw new Error(`a metric without data: ${JSON.stringify(metric)}`);
  const data = at(metric, type);
  const temporality = Number(at(data, 'aggregationTemporality') ?? 0);
  return {
    name: String(at(metric, 'name')),
    unit: String(at(metric, 'unit') ?? ''),
    type,
    temporality: ([undefined, 'delta', 'cumulative'] as const)[temporality],
    isMonotonic: at(data, 'isMonotonic') === true,
    points: list(data, 'dataPoints').map((point) => ({
      attributes: attributesOf(point),
      startMs: Number(at(point, 'startTimeUnixNano') ?? 0) / 1e6,
      endMs: Number(at(point, 'timeUnixNano') ?? 0) / 1e6,
      value: optionalNumber(at(point, 'asInt') ?? at(point, 'asDouble')),
      buckets: type === 'exponentialHistogram' ? bucketsOf(point) : undefined,
    })),
  };
}

function bucketsOf(point: Json): ReceivedBuckets {
  const positive = at(point, 'positive');
  return {
    count: Number(at(point, 'count')),
    sum: Number(at(point, 'sum')),
    min: optionalNumber(at(point, 'min')),
    max: optionalNumber(at(point, 'max')),
    scale: Number(at(point, 'scale') ?? 0),
    zeroCount: Number(at(point, 'zeroCount') ?? 0),
    offset: Number(at(positive, 'offset') ?? 0),
    bucketCounts: list(positive, 'bucketCounts').map(Number),
  };
}

function attributesOf(value: Json): Record<string, unknown> {
  return Object.fromEntries(
    list(value, 'attributes').map((attribute) => {
      const [[type, content] = ['', undefined]] = Object.entries(at(attribute, 'value') ?? {});
      return [String(at(attribute, 'key')), type === 'intValue' ? Number(content) : content];
    }),
  );
}

function at(value: Json, name: string): Json {
  return typeof value === 'object' && !Array.isArray(value)
    ? (value as { readonly [key: string]: Json })[name]
    : undefined;
}

function list(value: Json, name: string): readonly Json[] {
  const found = at(value, name);
  return Array.isArray(found) ? (found as readonly Json[]) : [];
}

function optionalNumber(value: Json): number | undefined {
  return value === undefined ? undefined : Number(value);
}
