import { decodeProtobuf, type Message } from './otlp-protobuf.ts';

/** The part of OTLP that metrics use. */
const VALUE: Message = {
  1: ['stringValue', 'string'],
  2: ['boolValue', 'bool'],
  3: ['intValue', 'int'],
  4: ['doubleValue', 'double'],
};
const ATTRIBUTE: Message = { 1: ['key', 'string'], 2: ['value', VALUE] };
const NUMBER_POINT: Message = {
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['asDouble', 'double'],
  6: ['asInt', 'sfixed64'],
  7: ['attributes', ATTRIBUTE, true],
};
const BUCKETS: Message = { 1: ['offset', 'sint'], 2: ['bucketCounts', 'packed'] };
const EXPONENTIAL_POINT: Message = {
  1: ['attributes', ATTRIBUTE, true],
  2: ['startTimeUnixNano', 'fixed64'],
  3: ['timeUnixNano', 'fixed64'],
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['scale', 'sint'],
  7: ['zeroCount', 'fixed64'],
  8: ['positive', BUCKETS],
  9: ['negative', BUCKETS],
  12: ['min', 'double'],
  13: ['max', 'double'],
};
const METRIC: Message = {
  1: ['name', 'string'],
  3: ['unit', 'string'],
  5: ['gauge', { 1: ['dataPoints', NUMBER_POINT, true] }],
  7: [
    'sum',
    { 1: ['dataPoints', NUMBER_POINT, true], 2: ['aggregationTemporality', 'int'], 3: ['isMonotonic', 'bool'] },
  ],
  9: ['histogram', { 2: ['aggregationTemporality', 'int'] }],
  10: ['exponentialHistogram', { 1: ['dataPoints', EXPONENTIAL_POINT, true], 2: ['aggregationTemporality', 'int'] }],
};
const SCOPE_METRICS: Message = { 1: ['scope', { 1: ['name', 'string'] }], 2: ['metrics', METRIC, true] };
const REQUEST: Message = {
  1: [
    'resourceMetrics',
    { 1: ['resource', { 1: ['attributes', ATTRIBUTE, true] }], 2: ['scopeMetrics', SCOPE_METRICS, true] },
    true,
  ],
};

/** The body of an ExportMetricsServiceRequest in the form that OTLP's JSON has. */
export function decodeMetricsRequest(body: Buffer): unknown {
  return decodeProtobuf(body, REQUEST);
}
