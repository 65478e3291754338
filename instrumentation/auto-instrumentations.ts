import type { ServerResponse } from 'node:http';
import { getNodeAutoInstrumentations, type InstrumentationConfigMap } from '@opentelemetry/auto-instrumentations-node';
import { context, type Span } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { FaultLog } from '../core/fault-log.ts';
import type { Environment } from '../core/settings.ts';
import { keepBindValues } from '../processors/bind-values.ts';
import { setRowCount } from '../processors/query-hints.ts';
import { setCommandKey } from '../processors/record-key-value-span.ts';
import { requestOf } from '../request/request-on-span.ts';
import { DriverEntries } from './driver-entries.ts';
import { noteMysqlBindValues } from './mysql-bind-values.ts';
import { tagResponse } from './response-headers.ts';

/**
 * Off unless OTEL_NODE_ENABLED_INSTRUMENTATIONS names them. The first five make spans for sockets and middleware that nobody
 * reads, twelve of the sixteen of a request with three queries; runtime-node makes metrics; the loggers' ones write into the
 * application's log lines.
 */
const OFF_BY_DEFAULT = [
  'net',
  'dns',
  'router',
  'connect',
  'generic-pool',
  'runtime-node',
  'pino',
  'bunyan',
  'winston',
] as const;

/** Instrumentations whose patch means that queries are seen from then on. */
const DATABASE_INSTRUMENTATIONS = new Set(
  ['pg', 'mysql', 'mysql2', 'mongodb', 'mongoose', 'knex', 'tedious', 'oracledb', 'cassandra-driver'].map(packageName),
);

/** Every official instrumentation, trimmed to the spans that matter, with hooks for what spans do not tell; and our own. */
export function createInstrumentations(environment: Environment, faults: FaultLog): readonly Instrumentation[] {
  const named = (environment['OTEL_NODE_ENABLED_INSTRUMENTATIONS'] ?? '').split(',').map((name) => name.trim());
  const off = OFF_BY_DEFAULT.filter((name) => !named.includes(name));
  const config: InstrumentationConfigMap = {
    ...Object.fromEntries(off.map((name) => [packageName(name), { enabled: false }])),
    '@opentelemetry/instrumentation-http': {
      // What is not to be traced, our own exports first of all, is not to be counted in http.client.request.duration either.
      ignoreOutgoingRequestHook: () => isTracingSuppressed(context.active()),
      // Runs before the application's handler; client responses come here too and have no `writeHead`.
      responseHook: guarded(faults, 'http responseHook', (span, response) => {
        const request = requestOf(span);
        if (request !== undefined && 'writeHead' in response) tagResponse(response, request);
      }),
      applyCustomAttributesOnSpan: guarded(faults, 'http end hook', (span, _request, response) => {
        const request = requestOf(span);
        if (request === undefined) return;
        // The response's head may be out and its status 200 when the client goes away: only this tells.
        if (isUnfinished(response)) request.aborted = true;
        if (isEventStream(response)) request.stream = true;
      }),
    },
    '@opentelemetry/instrumentation-express': {
      ignoreLayersType: ['middleware', 'router', 'request_handler'] as never,
    },
    '@opentelemetry/instrumentation-koa': { ignoreLayersType: ['middleware'] as never },
    // Connect spans stay on: without them a query that waited for the pool gets another request's parent.
    '@opentelemetry/instrumentation-pg': {
      requestHook: guarded(faults, 'pg requestHook', (span, { query }) => {
        keepBindValues(span, 'values' in query ? query.values : undefined);
        // The span has started without its text, and the caller is still on the stack.
        requestOf(span)?.enter(query.text, 'postgresql', 'driver');
      }),
      responseHook: guarded(faults, 'pg responseHook', (span, { data }) => {
        if (typeof data?.rowCount === 'number') setRowCount(span, data.rowCount);
      }),
    },
    '@opentelemetry/instrumentation-mysql2': {
      responseHook: guarded(faults, 'mysql2 responseHook', (span, { queryResults: rows }) => {
        // Several result sets (of a CALL) are a list of lists.
        if (Array.isArray(rows) && !Array.isArray(rows[0])) setRowCount(span, rows.length);
      }),
    },
    // Their texts leave out the keys of many commands, HGETALL's among them.
    '@opentelemetry/instrumentation-redis': {
      requireParentSpan: true,
      responseHook: guarded(faults, 'redis responseHook', (span, _command, [key]) => setCommandKey(span, key)),
    },
    '@opentelemetry/instrumentation-ioredis': {
      requireParentSpan: true,
      responseHook: guarded(faults, 'ioredis responseHook', (span, _command, [key]) => setCommandKey(span, key)),
    },
  };
  const official = getNodeAutoInstrumentations(config);
  noteMysqlBindValues(official, faults);
  return [...official, new DriverEntries(faults)];
}

/** True when this instrumentation sees queries. */
export function observesQueries(instrumentationName: string): boolean {
  return DATABASE_INSTRUMENTATIONS.has(instrumentationName);
}

function packageName(name: string): string {
  return `@opentelemetry/instrumentation-${name}`;
}

/** The head that was sent tells it even when `writeHead` was given the headers, which `getHeader` then does not know. */
function isEventStream(response: object): boolean {
  if (!('writeHead' in response)) return false;
  const type = (response as ServerResponse).getHeader('content-type');
  const text = typeof type === 'string' ? type : '_header' in response ? response._header : undefined;
  return typeof text === 'string' && text.includes('text/event-stream');
}

function isUnfinished(response: object): boolean {
  return 'writeHead' in response && !(response as ServerResponse).writableFinished;
}

/** A hook runs inside the application's call: what it throws stays here. */
function guarded<Args extends unknown[]>(
  faults: FaultLog,
  code: string,
  hook: (span: Span, ...args: Args) => void,
): (span: Span, ...args: Args) => void {
  return (span, ...args) => {
    try {
      hook(span, ...args);
    } catch (thrown) {
      faults.caught(code, thrown);
    }
  };
}
