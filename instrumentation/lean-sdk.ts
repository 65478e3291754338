import { createRequire } from 'node:module';
import { context, diag, DiagConsoleLogger, metrics as metricsApi, propagation, trace } from '@opentelemetry/api';
import { diagLogLevelFromString } from '@opentelemetry/core';
import type * as InstrumentationPackage from '@opentelemetry/instrumentation';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type * as Samplers from './create-sampler.ts';
import type { SpanSerializer } from './export/otlp-exporter.ts';
import { createLeanInstrumentation, foundLate } from './lean-instrumentation.ts';
import { LeanContextManager } from './lean/lean-context-manager.ts';
import { LEAN_LIBRARIES } from './lean/lean-instrumentation.ts';
import { LeanSpanSerializer } from './lean/lean-span-serializer.ts';
import { LeanTracerProvider } from './lean/lean-tracer-provider.ts';
import { OfficialInstrumentations } from './lean/official-instrumentations.ts';
import { leanPropagator } from './lean/propagator.ts';
import { readSpanLimits } from './lean/span-limits.ts';
import { installModuleHook } from './module-hook.ts';
import { observesQueries } from './observes-queries.ts';
import { detectedResource } from './resource.ts';
import type { RunningSdk, SdkStart } from './running-sdk.ts';
import type { SamplerSetting } from './standard-settings.ts';
import { makeGlobalTracersSwitchable } from './switchable-tracer-provider.ts';
import { makeSwitchable, type InstrumentationSwitch } from './switchable.ts';
import { untraceableCalls } from './untraceable-calls.ts';

const require = createRequire(import.meta.url);
/** Made once, and turned on again by a second start: what they have patched stays patched. */
let official: OfficialInstrumentations | undefined;

/** Encodes the spans of this SDK as OTLP's protobuf. */
export function createSerializer(): SpanSerializer {
  return new LeanSpanSerializer();
}

/**
 * Our own SDK for traces behind OpenTelemetry's API, with our own instrumentations of HTTP servers, pg, Express and Fastify.
 * Every other library has its official one, which is loaded when the library is.
 */
export function startSdk(start: SdkStart): RunningSdk {
  const { serviceName, processors, metrics, onQueriesObserved, faults, log } = start;
  setDiagLevel();
  const { limits, problems } = readSpanLimits(process.env);
  for (const problem of problems) log.line(problem);
  const resource = detectedResource(serviceName);
  const provider = new LeanTracerProvider({
    resource,
    limits,
    sampler: samplerOf(start.sampler),
    processors,
    faults,
  });
  context.setGlobalContextManager(new LeanContextManager().enable());
  const propagator = leanPropagator(process.env);
  if (propagator !== undefined) propagation.setGlobalPropagator(propagator);
  let meterProvider: MeterProvider | undefined;
  if (metrics.readers.length > 0) {
    meterProvider = new MeterProvider({ resource, views: [...metrics.views], readers: [...metrics.readers] });
    metricsApi.setGlobalMeterProvider(meterProvider);
  }
  trace.setGlobalTracerProvider(provider);
  const tracers = makeGlobalTracersSwitchable();

  const switches: InstrumentationSwitch[] = [];
  const adopt = (instrumentations: readonly Instrumentation[]): void => {
    metrics.prepare(instrumentations);
    switches.push(
      makeSwitchable(instrumentations, (name) => void (observesQueries(name) && onQueriesObserved()), untraceableCalls),
    );
    for (const instrumentation of instrumentations) instrumentation.setMeterProvider(metricsApi.getMeterProvider());
  };
  official ??= new OfficialInstrumentations(process.env, faults);
  const { enabled } = official;
  const lean = createLeanInstrumentation({
    faults,
    libraries: LEAN_LIBRARIES.filter((library) => enabled.has(library)),
    onPatch: (library) => void (library === 'pg' && onQueriesObserved()),
    onFoundLate: (packages) => log.line(foundLate(packages)),
  });
  lean.setTracerProvider(provider);
  lean.enable();
  official.start(adopt);
  if (start.instrumentations.length > 0) registerOthers(start.instrumentations, adopt);
  return {
    takeOut() {
      lean.disable();
      official?.stop();
      for (const patches of switches) patches.off();
      tracers.letGo();
    },
    async shutdown() {
      await Promise.all([provider.shutdown(), meterProvider?.shutdown()]);
    },
  };
}

/** The application's own: with whatever module hooks they need. */
function registerOthers(
  instrumentations: readonly Instrumentation[],
  adopt: (instrumentations: readonly Instrumentation[]) => void,
): void {
  adopt(instrumentations);
  const { registerInstrumentations } = require('@opentelemetry/instrumentation') as typeof InstrumentationPackage;
  registerInstrumentations({ instrumentations: [...instrumentations] });
  installModuleHook(instrumentations);
}

/** OpenTelemetry's default is decided without a call, and without loading a sampler. */
function samplerOf(setting: SamplerSetting): ReturnType<typeof Samplers.createSampler> | undefined {
  if (setting.root === 'always_on' && setting.isParentBased) return undefined;
  const { createSampler } = require(`./create-sampler${import.meta.url.slice(-3)}`) as typeof Samplers;
  return createSampler(setting);
}

function setDiagLevel(): void {
  const level = process.env['OTEL_LOG_LEVEL']?.trim();
  const logLevel = level ? diagLogLevelFromString(level) : undefined;
  if (logLevel !== undefined) diag.setLogger(new DiagConsoleLogger(), { logLevel });
}
