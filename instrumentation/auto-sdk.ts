import { logs } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { createAlwaysRecordSampler } from '@opentelemetry/sdk-trace';
import { createInstrumentations } from './auto-instrumentations.ts';
import { createSampler } from './create-sampler.ts';
import { installFastifyRoute } from './fastify-route.ts';
import { installModuleHook, patchBuiltinModules } from './module-hook.ts';
import { observesQueries } from './observes-queries.ts';
import { localResourceDetectors } from './resource.ts';
import type { RunningSdk, SdkStart } from './running-sdk.ts';
import { makeGlobalTracersSwitchable } from './switchable-tracer-provider.ts';
import { makeSwitchable } from './switchable.ts';
import { untraceableCalls } from './untraceable-calls.ts';

/** Made once: the modules that are loaded by a second start were seen, and patched, by the instrumentations of the first. */
let officialInstrumentations: readonly Instrumentation[] | undefined;

/** OpenTelemetry's own SDK with all of its official instrumentations. */
export function startSdk(start: SdkStart): RunningSdk {
  const { serviceName, sampler, processors, metrics, onQueriesObserved, faults } = start;
  const isFirstStart = officialInstrumentations === undefined;
  officialInstrumentations ??= createInstrumentations(process.env, faults);
  const instrumentations = [...officialInstrumentations, ...start.instrumentations];
  const patches = makeSwitchable(
    instrumentations,
    (name) => {
      if (observesQueries(name)) onQueriesObserved();
    },
    untraceableCalls,
  );
  metrics.prepare(instrumentations);
  const sdk = new NodeSDK({
    serviceName,
    instrumentations,
    sampler: createAlwaysRecordSampler(createSampler(sampler)),
    spanProcessors: [...processors],
    metricReaders: [...metrics.readers],
    views: [...metrics.views],
    // slowpath has no logs of its own, and starts no exporter for them.
    logRecordProcessors: [],
    ...(!process.env['OTEL_NODE_RESOURCE_DETECTORS']?.trim() && { resourceDetectors: localResourceDetectors }),
  });
  sdk.start();
  // The SDK registers a provider for logs that leads nowhere; the application's own would be refused.
  logs.disable();
  const tracers = makeGlobalTracersSwitchable();
  patchBuiltinModules();
  if (isFirstStart) installModuleHook(instrumentations);
  const removeFastifyRoute = installFastifyRoute(faults);
  return {
    takeOut() {
      removeFastifyRoute();
      patches.off();
      tracers.letGo();
    },
    shutdown: () => sdk.shutdown(),
  };
}
