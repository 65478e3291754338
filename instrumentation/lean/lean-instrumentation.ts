import { createRequire } from 'node:module';
import { metrics, trace, type MeterProvider, type Tracer, type TracerProvider } from '@opentelemetry/api';
import type { Instrumentation, InstrumentationConfig } from '@opentelemetry/instrumentation';
import type { FaultLog } from '../../core/fault-log.ts';
import { patchExpress, type ExpressExports } from './express-routes.ts';
import { watchFastify } from './fastify-hook.ts';
import type { HttpServerHooks } from './http-exchange.ts';
import { patchHttpServer } from './http-server.ts';
import { LibraryWatch } from './library-watch.ts';
import { PatchSet } from './patch-set.ts';
import { patchPg, patchPgPool, type PgExports, type PgHooks } from './pg-client.ts';
import { PgPoolMetrics } from './pg-pool-metrics.ts';
import { SCOPE_HTTP, SCOPE_PG } from './scopes.ts';

export type LeanLibrary = 'http' | 'pg' | 'express' | 'fastify';
export const LEAN_LIBRARIES: readonly LeanLibrary[] = ['http', 'pg', 'express', 'fastify'];

export interface LeanInstrumentationOptions {
  readonly faults: FaultLog;
  /** Those that are to be instrumented; all by default. */
  readonly libraries?: readonly LeanLibrary[];
  readonly http?: HttpServerHooks;
  readonly pg?: PgHooks;
  /** Told of each library that was found and patched. */
  readonly onPatch?: (library: LeanLibrary) => void;
  /** Told of packages that were loaded without being seen; what they did before they were found has no spans. */
  readonly onFoundLate?: (packages: readonly string[]) => void;
}

/**
 * Spans for `node:http` servers, pg, and the routes of Express and Fastify, as the official instrumentations make them, at a
 * fraction of their cost. Written against OpenTelemetry's API alone: it runs on any SDK. An `Instrumentation`, so that an SDK
 * can be given it like the official ones, in place of those for the same libraries.
 */
export class LeanInstrumentation implements Instrumentation {
  readonly instrumentationName = 'slowpath-lean';
  readonly instrumentationVersion: string;
  readonly #options: LeanInstrumentationOptions;
  readonly #libraries: readonly LeanLibrary[];
  #provider: TracerProvider | undefined;
  #meterProvider: MeterProvider | undefined;
  #httpTracer: Tracer | undefined;
  #pgTracer: Tracer | undefined;
  #undo: (() => void) | undefined;

  constructor(options: LeanInstrumentationOptions) {
    this.#options = options;
    this.#libraries = options.libraries ?? LEAN_LIBRARIES;
    this.instrumentationVersion = packageVersion();
  }

  enable(): void {
    if (this.#undo !== undefined) return;
    const { faults, http = {}, pg = {}, onPatch, onFoundLate } = this.#options;
    const isIncluded = (library: LeanLibrary): boolean => this.#libraries.includes(library);
    const told = (library: LeanLibrary, isPatched: boolean): boolean => {
      if (isPatched) onPatch?.(library);
      return isPatched;
    };
    const patches = new PatchSet();
    const undo = [() => patches.undo()];
    const pools = new PgPoolMetrics(() =>
      (this.#meterProvider ?? metrics).getMeter(SCOPE_PG, this.instrumentationVersion),
    );
    const pgOptions = {
      tracer: () => (this.#pgTracer ??= this.#tracer(SCOPE_PG)),
      faults,
      hooks: pg,
      onPool: (pool: object) => pools.add(pool),
    };
    const watch = new LibraryWatch(
      {
        ...(isIncluded('pg') && {
          pg(exports: PgExports) {
            return told('pg', patchPg(patches, exports, pgOptions));
          },
          'pg-pool'(exports: object) {
            return 'prototype' in exports && patchPgPool(patches, exports as { prototype: object }, pgOptions);
          },
        }),
        ...(isIncluded('express') && {
          express(exports: ExpressExports) {
            return told('express', patchExpress(patches, exports, faults));
          },
        }),
      },
      faults,
    );
    undo.push(() => watch.stop());
    const findLate = (): void => {
      const found = watch.patchLoaded();
      if (found.length > 0) onFoundLate?.(found);
    };
    findLate();
    if (isIncluded('fastify')) undo.push(watchFastify(faults));
    if (isIncluded('http')) {
      let hasLooked = false;
      patchHttpServer(patches, {
        tracer: () => (this.#httpTracer ??= this.#tracer(SCOPE_HTTP)),
        faults,
        hooks: {
          ...http,
          onStart(span, response) {
            http.onStart?.(span, response);
            // When the first request comes the application is loaded, in whatever way.
            if (hasLooked) return;
            hasLooked = true;
            findLate();
          },
        },
      });
      onPatch?.('http');
    }
    this.#undo = () => {
      for (const step of undo) step();
    };
  }

  disable(): void {
    this.#undo?.();
    this.#undo = undefined;
  }

  setTracerProvider(provider: TracerProvider): void {
    this.#provider = provider;
    this.#httpTracer = undefined;
    this.#pgTracer = undefined;
  }

  /** For the pools of pg, from the next start on. */
  setMeterProvider(provider: MeterProvider): void {
    this.#meterProvider = provider;
  }

  setConfig(): void {
    // Its options are the constructor's.
  }

  getConfig(): InstrumentationConfig {
    return { enabled: this.#undo !== undefined };
  }

  #tracer(scope: string): Tracer {
    return (this.#provider ?? trace).getTracer(scope, this.instrumentationVersion);
  }
}

function packageVersion(): string {
  try {
    return (createRequire(import.meta.url)('slowpath/package.json') as { version: string }).version;
  } catch {
    // A bundle has no package.json beside it.
    return '';
  }
}
