import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { ThresholdOverrides } from '../analysis/find-in-request.ts';
import { requireSuppressions, type Suppression } from '../analysis/suppression.ts';
import { expiredLines } from '../analysis/suppressor.ts';
import { CacheMetrics } from '../cache/cache-metrics.ts';
import { cacheRegistry } from '../cache/cache-registry.ts';
import { systemClock } from '../core/clock.ts';
import { DropCounters } from '../core/drop-counters.ts';
import { FaultLog } from '../core/fault-log.ts';
import { SetupError } from '../core/setup-error.ts';
import type { AnalyzedRequest } from '../core/types.ts';
import { RequestSpanProcessor } from '../processors/request-span-processor.ts';
import { UNREDACTED } from '../processors/redact-span.ts';
import { listenToCaches } from './cache-channels/listen-to-caches.ts';
import { environmentSettings, performanceMonitor, queryAnalyzer, settingsProblems } from './default-systems.ts';
import { ExportPipeline } from './export/export-pipeline.ts';
import { FindingLog } from './finding-log.ts';
import { HeldRegistry, registeredTracerProvider } from './foreign-sdk.ts';
import { defaultProtocol, loadSdk } from './load-sdk.ts';
import { MetricPipeline } from './metrics/metric-pipeline.ts';
import { readMetricSettings } from './metrics/metric-settings.ts';
import { ReportOutput } from './report-output.ts';
import { requestLogFromSettings } from './request-log-from-settings.ts';
import { installResponseHeaders } from './response-headers.ts';
import { installShutdown } from './shutdown.ts';
import { environmentSuppressions } from './suppressions.ts';
import { readStandardSettings } from './standard-settings.ts';
import { StderrLog } from './stderr-log.ts';

const STARTED = Symbol.for('slowpath.started');
const OWN_SDK_HINT =
  "add slowpath to it: import { RequestSpanProcessor } from 'slowpath/processors' and put new RequestSpanProcessor() first in its spanProcessors";

export interface StartOptions {
  /** Stands above OTEL_SERVICE_NAME. */
  readonly serviceName?: string;
  /** Instrumentations beside the official ones, for example Prisma's. */
  readonly instrumentations?: readonly Instrumentation[];
  /** Further processors; they see every span after slowpath has put its attributes on it. */
  readonly spanProcessors?: readonly SpanProcessor[];
  /** In place of what OTEL_TRACES_EXPORTER names. */
  readonly traceExporter?: SpanExporter;
  /** Stands above the SLOWPATH_* thresholds. */
  readonly thresholds?: ThresholdOverrides;
  /** Findings that are known and accepted until a day, beside those of SLOWPATH_SUPPRESS and its file. */
  readonly suppress?: readonly Suppression[];
  readonly responseHeaders?: boolean;
  /** Called once per finished request. What it throws is caught and counted. */
  readonly onRequest?: (request: AnalyzedRequest) => void;
}

export interface SlowpathHandle {
  /** False when slowpath was switched off, was started before, or found an SDK of the application. */
  readonly started: boolean;
  /** Sends what is pending, within 2 seconds, and takes slowpath out of the process. */
  shutdown(): Promise<void>;
}

const NOT_STARTED: SlowpathHandle = { started: false, shutdown: () => Promise.resolve() };

const log = new StderrLog();
const drops = new DropCounters();
const faults = new FaultLog(systemClock, drops, (message) => log.line(message));

/**
 * Starts measuring: instrumentation, request records, export, response headers, shutdown. Call it before the application
 * loads its modules; `--import slowpath/register` does so with the settings of the environment alone.
 * @throws {SetupError} SLOWPATH_START_OPTIONS if an option is of the wrong type, SLOWPATH_SUPPRESS if a suppression cannot be used. Bad environment variables only give lines on stderr.
 */
export function start(options: StartOptions = {}): SlowpathHandle {
  checkOptions(options);
  for (const problem of settingsProblems) log.line(problem);
  const { instrumentation } = environmentSettings;
  const { settings: standard, problems } = readStandardSettings(process.env, defaultProtocol(instrumentation));
  for (const problem of problems) log.line(problem);
  const metricSettings = readMetricSettings(process.env);
  for (const problem of metricSettings.problems) log.line(problem);
  const accepted = environmentSuppressions(environmentSettings);
  for (const problem of accepted.problems) log.line(problem);
  const suppress = [...accepted.suppressions, ...(options.suppress ?? [])];
  for (const line of expiredLines(suppress)) log.line(line);

  const global = globalThis as { [STARTED]?: boolean };
  const reason = reasonNotToStart(global[STARTED] === true, standard.disabled);
  if (reason !== undefined) {
    log.line(reason);
    return NOT_STARTED;
  }
  global[STARTED] = true;
  if (options.thresholds !== undefined) queryAnalyzer.setThresholds(options.thresholds);
  performanceMonitor.setSlowRequestMinMs(options.thresholds?.['slow-endpoint']?.['minMs']);

  const serviceName = options.serviceName ?? standard.serviceName;
  const findingLog = new FindingLog(queryAnalyzer, log, environmentSettings.findingLog);
  const thresholds = { ...environmentSettings.thresholds, ...options.thresholds };
  const requestLog = requestLogFromSettings(environmentSettings, {
    thresholds,
    drops,
    faults,
    log,
  });
  let areQueriesObserved = false;
  const queriesObserved = (): boolean => areQueriesObserved;
  const caches = new CacheMetrics({
    registry: cacheRegistry(),
    onFault: (thrown) => faults.caught('cache metrics', thrown),
  });
  const metrics = new MetricPipeline({ settings: metricSettings.settings, sources: [caches], drops, faults, log });
  const requests = new RequestSpanProcessor({
    thresholds,
    suppress,
    monitor: performanceMonitor,
    metrics: metrics.requestMetrics,
    unredacted: UNREDACTED.filter((name) => environmentSettings.unredacted.includes(name)),
    queriesObserved,
    drops,
    faults,
    onRequest(request) {
      findingLog.add(request);
      requestLog?.add(request);
      options.onRequest?.(request);
    },
  });
  const sdk = loadSdk(instrumentation, process.env, log);
  const pipeline = new ExportPipeline(standard, options.traceExporter, drops, faults, log, sdk.protobuf);
  const report = new ReportOutput(environmentSettings, serviceName, drops, faults, log);

  const registry = new HeldRegistry();
  const running = sdk.start({
    serviceName,
    sampler: standard.sampler,
    processors: [requests, ...(options.spanProcessors ?? []), ...pipeline.processors],
    instrumentations: options.instrumentations ?? [],
    metrics,
    onQueriesObserved: () => {
      areQueriesObserved = true;
    },
    faults,
    log,
  });

  const outputs = [pipeline, metrics, ...(requestLog === undefined ? [] : [requestLog])];
  const listening = listenToCaches({ channels: environmentSettings.cacheChannels, clock: systemClock, faults });
  const undo = [report.installSignal(), () => requestLog?.finish(), listening];
  if (options.responseHeaders ?? environmentSettings.responseHeaders) {
    const cacheStatusName = environmentSettings.cacheStatus;
    undo.push(installResponseHeaders({ clock: systemClock, faults, queriesObserved, cacheStatusName }));
  }
  undo.push(
    installShutdown({
      isPending: () => pipeline.pendingCount > 0 || metrics.isPending,
      flush: () => flushAll(outputs),
      drain: async () => void (await Promise.all([pipeline.drain(), metrics.drain()])),
      faults,
      finish() {
        pipeline.finish();
        requestLog?.finish();
        report.writeAtExit();
      },
    }),
  );
  let isIn = true;
  const takeOut = (): void => {
    if (!isIn) return;
    isIn = false;
    for (const step of undo) step();
    running.takeOut();
    registry.release();
    global[STARTED] = false;
  };
  registry.watch({
    onForeignSdk() {
      takeOut();
      pipeline.discard();
      metrics.discard();
      log.line(
        `the application starts an OpenTelemetry SDK of its own; slowpath steps aside, and the flag measures nothing. Unless it is there already, ${OWN_SDK_HINT}.`,
      );
    },
    onRefused() {
      log.line(
        "the application's OpenTelemetry SDK was refused: it brings @opentelemetry/api in a bundle, in another version than slowpath. Start without slowpath (SLOWPATH_ENABLED=off), or keep @opentelemetry/api out of the bundle.",
      );
    },
  });
  metrics.install();
  log.line(`on: every request is measured; spans of ${serviceName} go to ${pipeline.destination}.`);
  return {
    started: true,
    async shutdown() {
      await flushAll(outputs);
      takeOut();
      await running.shutdown();
    },
  };
}

/** At the same time: what both may take is the time of one. */
async function flushAll(parts: readonly { flush(): Promise<void> }[]): Promise<void> {
  await Promise.all(parts.map((part) => part.flush()));
}

function reasonNotToStart(isStarted: boolean, isDisabled: boolean): string | undefined {
  if (isStarted) return 'already on; this second start has no effect.';
  if (!environmentSettings.enabled) return 'off (SLOWPATH_ENABLED=off).';
  if (isDisabled) return 'off (OTEL_SDK_DISABLED=true).';
  if (registeredTracerProvider() !== undefined)
    return `an OpenTelemetry SDK is running already; the flag measures nothing. Unless it is there already, ${OWN_SDK_HINT}.`;
  return undefined;
}

function checkOptions(options: StartOptions): void {
  const problems: string[] = [];
  if (options.serviceName !== undefined && typeof options.serviceName !== 'string')
    problems.push('serviceName is not a string.');
  for (const name of ['instrumentations', 'spanProcessors'] as const) {
    if (options[name] !== undefined && !Array.isArray(options[name])) problems.push(`${name} is not an array.`);
  }
  if (options.onRequest !== undefined && typeof options.onRequest !== 'function')
    problems.push('onRequest is not a function.');
  requireSuppressions(options.suppress ?? []);
  if (problems.length > 0) throw new SetupError('SLOWPATH_START_OPTIONS', `start(): ${problems.join(' ')}`);
}
