import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { FaultLog } from '../core/fault-log.ts';
import { NOTHING_NOTED, noteBindValues } from '../processors/bind-values.ts';
import { likeOriginal, type HostFunction } from './host-function.ts';

const INSTRUMENTATIONS = new Set(['@opentelemetry/instrumentation-mysql2', '@opentelemetry/instrumentation-mysql']);
/** What these two patch with spans; everything else that they wrap is callbacks and pools. */
const QUERY_FUNCTIONS: ReadonlySet<unknown> = new Set(['query', 'execute']);

/**
 * Notes the bind values of MySQL queries for the spans of the official instrumentations, which tell them to no hook. Its
 * function and ours are one patch: they are put in, switched off and taken out together. Call before modules are loaded.
 */
export function noteMysqlBindValues(instrumentations: readonly Instrumentation[], faults: FaultLog): void {
  for (const instrumentation of instrumentations) {
    if (!INSTRUMENTATIONS.has(instrumentation.instrumentationName)) continue;
    const patching = instrumentation as unknown as Patching;
    const { _wrap: wrap } = patching;
    // `name` is the place of the callback when the arguments of a call are wrapped.
    patching._wrap = (target, name, wrapper) =>
      QUERY_FUNCTIONS.has(name)
        ? wrap(target, name, (original, wrappedName) => noting(original, wrapper(original, wrappedName), faults))
        : wrap(target, name, wrapper);
  }
}

type Wrapper = (original: HostFunction, name: unknown) => HostFunction;

/** The patching member of the SDK's InstrumentationBase; protected there, and what its subclasses call. */
interface Patching {
  _wrap: (target: object, name: unknown, wrapper: Wrapper) => unknown;
}

/** The span starts in `sending`: what it has not taken by then belongs to no span. */
function noting(original: HostFunction, sending: HostFunction, faults: FaultLog): HostFunction {
  return likeOriginal(original, function (...args) {
    const before = noteBindValues(valuesIn(args, faults));
    try {
      return sending.apply(this, args);
    } finally {
      noteBindValues(before);
    }
  });
}

/** Of `(sql, values, callback)`, `(sql, callback)`, `({ sql, values }, callback)`, or a query that was made before. */
function valuesIn([query, values]: readonly unknown[], faults: FaultLog): unknown {
  try {
    if (values !== undefined && typeof values !== 'function') return values;
    return typeof query === 'object' && query !== null && 'values' in query ? query.values : undefined;
  } catch (thrown) {
    faults.caught('mysql bind values', thrown);
    return NOTHING_NOTED;
  }
}
