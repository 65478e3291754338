import { decodeProtobuf, type Message } from './otlp-protobuf.ts';

type Mutable = { [field: number]: Message[number] };

/** An AnyValue may hold further ones: its two last fields are set below. */
const VALUE: Mutable = {
  1: ['stringValue', 'string'],
  2: ['boolValue', 'bool'],
  3: ['intValue', 'int'],
  4: ['doubleValue', 'double'],
  7: ['bytesValue', 'bytes'],
};
const ATTRIBUTE: Message = { 1: ['key', 'string'], 2: ['value', VALUE] };
VALUE[5] = ['arrayValue', { 1: ['values', VALUE, true] }];
VALUE[6] = ['kvlistValue', { 1: ['values', ATTRIBUTE, true] }];

const EVENT: Message = {
  1: ['timeUnixNano', 'nanoseconds'],
  2: ['name', 'string'],
  3: ['attributes', ATTRIBUTE, true],
  4: ['droppedAttributesCount', 'int'],
};
const LINK: Message = {
  1: ['traceId', 'bytes'],
  2: ['spanId', 'bytes'],
  3: ['traceState', 'string'],
  4: ['attributes', ATTRIBUTE, true],
  5: ['droppedAttributesCount', 'int'],
  6: ['flags', 'fixed32'],
};
const SPAN: Message = {
  1: ['traceId', 'bytes'],
  2: ['spanId', 'bytes'],
  3: ['traceState', 'string'],
  4: ['parentSpanId', 'bytes'],
  5: ['name', 'string'],
  6: ['kind', 'int'],
  7: ['startTimeUnixNano', 'nanoseconds'],
  8: ['endTimeUnixNano', 'nanoseconds'],
  9: ['attributes', ATTRIBUTE, true],
  10: ['droppedAttributesCount', 'int'],
  11: ['events', EVENT, true],
  12: ['droppedEventsCount', 'int'],
  13: ['links', LINK, true],
  14: ['droppedLinksCount', 'int'],
  15: ['status', { 2: ['message', 'string'], 3: ['code', 'int'] }],
  16: ['flags', 'fixed32'],
};
const SCOPE_SPANS: Message = {
  1: ['scope', { 1: ['name', 'string'], 2: ['version', 'string'] }],
  2: ['spans', SPAN, true],
  3: ['schemaUrl', 'string'],
};
const REQUEST: Message = {
  1: [
    'resourceSpans',
    {
      1: ['resource', { 1: ['attributes', ATTRIBUTE, true] }],
      2: ['scopeSpans', SCOPE_SPANS, true],
      3: ['schemaUrl', 'string'],
    },
    true,
  ],
};

/** The body of an ExportTraceServiceRequest in the form that OTLP's JSON has. */
export function decodeTracesRequest(body: Buffer): unknown {
  return decodeProtobuf(body, REQUEST);
}
