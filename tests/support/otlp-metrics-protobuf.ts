/** The part of OTLP's protobuf that metrics use, by field number: https://github.com/open-telemetry/opentelemetry-proto */
type FieldType = 'string' | 'bool' | 'int' | 'sint' | 'double' | 'fixed64' | 'sfixed64' | 'packed' | Message;
type Message = { readonly [field: number]: readonly [name: string, type: FieldType, repeated?: true] };

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
  return decode(body, REQUEST);
}

function decode(bytes: Buffer, message: Message): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  let position = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(position++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (position < bytes.length) {
    const tag = Number(varint());
    const wireType = tag & 7;
    let raw: bigint | Buffer;
    if (wireType === 0) {
      raw = varint();
    } else {
      if (wireType !== 1 && wireType !== 2) throw new Error(`wire type ${wireType} is not used by OTLP's metrics`);
      const length = wireType === 1 ? 8 : Number(varint());
      raw = bytes.subarray(position, position + length);
      position += length;
    }
    const field = message[tag >>> 3];
    if (field === undefined) continue;
    const [name, type, repeated] = field;
    const value = valueOf(raw, type);
    if (repeated === true) ((found[name] ??= []) as unknown[]).push(value);
    else found[name] = value;
  }
  return found;
}

function valueOf(raw: bigint | Buffer, type: FieldType): unknown {
  if (typeof raw === 'bigint') {
    if (type === 'bool') return raw !== 0n;
    return Number(type === 'sint' ? (raw >> 1n) ^ -(raw & 1n) : BigInt.asIntN(64, raw));
  }
  if (type === 'string') return raw.toString();
  if (type === 'double') return raw.readDoubleLE();
  if (type === 'fixed64') return Number(raw.readBigUInt64LE());
  if (type === 'sfixed64') return Number(raw.readBigInt64LE());
  if (type === 'packed') return unpack(raw);
  return decode(raw, type as Message);
}

function unpack(bytes: Buffer): number[] {
  const numbers: number[] = [];
  for (let position = 0; position < bytes.length;) {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes.readUInt8(position++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
    }
    numbers.push(value);
  }
  return numbers;
}
