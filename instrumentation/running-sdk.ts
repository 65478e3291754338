import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { FaultLog } from '../core/fault-log.ts';
import type { MetricPipeline } from './metrics/metric-pipeline.ts';
import type { SamplerSetting } from './standard-settings.ts';
import type { StderrLog } from './stderr-log.ts';

/** What an SDK is started with, whichever it is. */
export interface SdkStart {
  readonly serviceName: string;
  readonly sampler: SamplerSetting;
  /** In this order. */
  readonly processors: readonly SpanProcessor[];
  /** The application's own, beside those that the SDK brings. */
  readonly instrumentations: readonly Instrumentation[];
  readonly metrics: MetricPipeline;
  /** To be called when a library is patched whose spans are queries. */
  readonly onQueriesObserved: () => void;
  readonly faults: FaultLog;
  readonly log: StderrLog;
}

export interface RunningSdk {
  /** Takes its patches out and gives its tracers to whatever SDK is registered next. */
  takeOut(): void;
  shutdown(): Promise<void>;
}

/** The module that starts the SDK of a mode; each is loaded only where it is wanted. */
export interface SdkModule {
  startSdk(start: SdkStart): RunningSdk;
}
