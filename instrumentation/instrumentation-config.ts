import { context, type Span } from '@opentelemetry/api';
import type { InstrumentationConfigMap } from '@opentelemetry/auto-instrumentations-node';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { FaultLog } from '../core/fault-log.ts';
import type { Environment } from '../core/settings.ts';
import { setRowCount } from '../processors/query-hints.ts';
import { setCommandKey } from '../processors/record-key-value-span.ts';
import { onResponseEnd, onResponseStart } from './http-hooks.ts';
import { onPgQuery, onPgResult } from './pg-hooks.ts';

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

/** The options of the official instrumentations: spans that matter, and hooks for what spans do not tell. */
export function instrumentationConfig(environment: Environment, faults: FaultLog): InstrumentationConfigMap {
  const named = (environment['OTEL_NODE_ENABLED_INSTRUMENTATIONS'] ?? '').split(',').map((name) => name.trim());
  const off = OFF_BY_DEFAULT.filter((name) => !named.includes(name));
  return {
    ...Object.fromEntries(off.map((name) => [packageName(name), { enabled: false }])),
    '@opentelemetry/instrumentation-http': {
      // What is not to be traced, our own exports first of all, is not to be counted in http.client.request.duration either.
      ignoreOutgoingRequestHook: () => isTracingSuppressed(context.active()),
      // Runs before the application's handler.
      responseHook: guarded(faults, 'http responseHook', onResponseStart),
      applyCustomAttributesOnSpan: guarded(faults, 'http end hook', (span, _request: object, response: object) =>
        onResponseEnd(span, response),
      ),
    },
    '@opentelemetry/instrumentation-express': {
      ignoreLayersType: ['middleware', 'router', 'request_handler'] as never,
    },
    '@opentelemetry/instrumentation-koa': { ignoreLayersType: ['middleware'] as never },
    // Connect spans stay on: without them a query that waited for the pool gets another request's parent.
    '@opentelemetry/instrumentation-pg': {
      // The span has started without its text, and the caller is still on the stack.
      requestHook: guarded(faults, 'pg requestHook', (span, { query }) => onPgQuery(span, query)),
      responseHook: guarded(faults, 'pg responseHook', (span, { data }) => onPgResult(span, data?.rowCount)),
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
}

export function packageName(name: string): string {
  return `@opentelemetry/instrumentation-${name}`;
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
