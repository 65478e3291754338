/** Names of things, told apart by the compiler: two of them are never compared by mistake. */

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** 32 lower-case hex digits. */
export type TraceId = Brand<string, 'TraceId'>;
/** 16 lower-case hex digits. */
export type SpanId = Brand<string, 'SpanId'>;
/** Names a query's shape: equal fingerprints mean "same statement, maybe other values". Stable across processes and releases. */
export type QueryFingerprint = Brand<string, 'QueryFingerprint'>;
/** Names a finding: kind + endpoint + query shape. Stable across processes and releases. */
export type FindingFingerprint = Brand<string, 'FindingFingerprint'>;
/** `GET /orders/:id`: method + route template, never a raw path. Jobs are `job <name>`, messages `consume <destination>`. */
export type Endpoint = Brand<string, 'Endpoint'>;
