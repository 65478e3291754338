import { diag } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { systemClock } from '../core/clock.ts';
import { DropCounters } from '../core/drop-counters.ts';
import { FaultLog } from '../core/fault-log.ts';
import { SetupError } from '../core/setup-error.ts';
import { keepBindValues } from '../processors/bind-values.ts';
import { currentRequest } from '../request/request-on-span.ts';
import { onResponseEnd, onResponseStart } from './http-hooks.ts';
import { LEAN_LIBRARIES, LeanInstrumentation, type LeanLibrary } from './lean/lean-instrumentation.ts';
import { onPgResult } from './pg-hooks.ts';
import { textOfQuery } from './text-of-query.ts';

export interface LeanInstrumentationSettings {
  /** Those that are to be instrumented: `http`, `pg`, `express`, `fastify`. All by default. */
  readonly libraries?: readonly LeanLibrary[];
}

/**
 * For an OpenTelemetry set-up of your own: one instrumentation in place of the official ones of `node:http` servers, pg and
 * Express, and for the routes of Fastify. The same spans for a fraction of the cost, by OpenTelemetry's API alone. Of
 * metrics it has those of pg's pools. It leaves HTTP clients to `@opentelemetry/instrumentation-undici` and `-http`.
 * @throws {SetupError} SLOWPATH_LEAN_LIBRARIES if a library is none of the four.
 */
export function leanInstrumentation({ libraries = LEAN_LIBRARIES }: LeanInstrumentationSettings = {}): Instrumentation {
  const unknown = libraries.find((library) => !LEAN_LIBRARIES.includes(library));
  if (unknown !== undefined) {
    throw new SetupError(
      'SLOWPATH_LEAN_LIBRARIES',
      `leanInstrumentation(): libraries has ${JSON.stringify(unknown)}; it takes ${LEAN_LIBRARIES.join(', ')}.`,
    );
  }
  const report = (message: string): void => diag.error(message);
  return createLeanInstrumentation({
    libraries,
    faults: new FaultLog(systemClock, new DropCounters(), report),
    onFoundLate: (packages) => diag.warn(foundLate(packages)),
  });
}

export interface OwnLeanOptions {
  readonly libraries: readonly LeanLibrary[];
  readonly faults: FaultLog;
  readonly onPatch?: (library: LeanLibrary) => void;
  readonly onFoundLate: (packages: readonly string[]) => void;
}

/** With the hooks for what a request's record is told beside its spans: bind values, rows, aborts, streams, lines of code. */
export function createLeanInstrumentation(options: OwnLeanOptions): LeanInstrumentation {
  return new LeanInstrumentation({
    ...options,
    http: { onStart: onResponseStart, onEnd: onResponseEnd },
    pg: {
      // The span has its text when it starts, so that the processor has entered it.
      onQuery: (span, { values }) => keepBindValues(span, values),
      onRowCount: onPgResult,
      onPoolQuery(query) {
        const text = textOfQuery(query);
        if (text !== undefined) currentRequest()?.enter(text, 'postgresql', 'pool');
      },
    },
  });
}

/** In one sentence and what to do. */
export function foundLate(packages: readonly string[]): string {
  return (
    `${packages.join(', ')}: loaded before slowpath, or by a loader of its own; what was done with it before is not ` +
    'measured. Start slowpath first: node --import slowpath/register app.js.'
  );
}
