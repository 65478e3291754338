import { createNoopMeter, type Histogram, type Meter, type MeterProvider } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { AggregationType, type ViewOptions } from '@opentelemetry/sdk-metrics';
import { METRIC_DB_CLIENT_OPERATION_DURATION, METRIC_HTTP_SERVER_REQUEST_DURATION } from '../../core/semconv.ts';

/** The standard metrics that are slowpath's own: of others' instruments with these names nothing goes out. */
const REPLACED: readonly string[] = [METRIC_HTTP_SERVER_REQUEST_DURATION, METRIC_DB_CLIENT_OPERATION_DURATION];

/** For instruments that anybody makes through the global API, the application's own and those of libraries. */
export const replacedViews: readonly ViewOptions[] = REPLACED.map((instrumentName) => ({
  instrumentName,
  aggregation: { type: AggregationType.DROP },
}));

const filtered = new WeakSet<Instrumentation>();

/**
 * Gives the instrumentations instruments that do nothing in place of the replaced ones. A view drops what was recorded only
 * after its attributes have been hashed, which costs more than our own count.
 */
export function withoutReplacedInstruments(instrumentations: readonly Instrumentation[]): void {
  for (const instrumentation of instrumentations) {
    if (filtered.has(instrumentation)) continue;
    filtered.add(instrumentation);
    const set = instrumentation.setMeterProvider.bind(instrumentation);
    instrumentation.setMeterProvider = (provider) => set(withoutReplaced(provider));
  }
}

/** The same provider, whose meters make no replaced instruments. */
function withoutReplaced(provider: MeterProvider): MeterProvider {
  // An object over the given one: instrumentations look for further methods of the SDK's, such as `forceFlush`.
  const filteredProvider = Object.create(provider) as MeterProvider;
  filteredProvider.getMeter = (...identity): Meter => {
    const meter = provider.getMeter(...identity);
    const filteredMeter = Object.create(meter) as Meter;
    filteredMeter.createHistogram = (name, options): Histogram =>
      (REPLACED.includes(name) ? createNoopMeter() : meter).createHistogram(name, options);
    return filteredMeter;
  };
  return filteredProvider;
}
