import { fileURLToPath } from 'node:url';

/** One way to start the applications. */
export interface Variant {
  readonly name: string;
  /** What it is, for those who read the table. */
  readonly title: string;
  /** Whose CPU time of the same round is taken off. Itself: it is shown as it is. */
  readonly pairedWith: string;
  /** What `--import` names; none for the bare application. */
  readonly preload?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** It does not send every span, and is not meant to. */
  readonly isSampling?: true;
}

/** The variant that all others are compared with, and the same once more: what they differ by is noise. */
export const NONE = 'none';
export const NONE_AGAIN = 'none-again';
export const OTEL_PLAIN = 'otel-plain';
export const SLOWPATH_AUTO = 'slowpath-auto';
export const SLOWPATH_LEAN = 'slowpath-lean';

/** The package of this repository: the applications run in its root. */
export const SLOWPATH = 'slowpath/register';

/** Milliseconds after which every tool sends what it has, so that the benchmark can wait for all of it. */
export const SEND_EVERY_MS = 150;

const preload = (name: string): string => fileURLToPath(new URL(`../preloads/${name}.mjs`, import.meta.url));

const otel = {
  OTEL_SERVICE_NAME: 'bench',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  OTEL_BSP_SCHEDULE_DELAY: String(SEND_EVERY_MS),
  // Nothing may be dropped: what is not sent costs less.
  OTEL_BSP_MAX_QUEUE_SIZE: '20000',
  // The detectors of clouds would ask the network.
  OTEL_NODE_RESOURCE_DETECTORS: 'env,host,os,process,serviceinstance',
};

/** slowpath with all that it does: in production the headers would be off. */
export const slowpathEnv = (instrumentation: 'auto' | 'lean'): Readonly<Record<string, string>> => ({
  ...otel,
  SLOWPATH_INSTRUMENTATION: instrumentation,
  SLOWPATH_RESPONSE_HEADERS: 'on',
});

export const VARIANTS: readonly Variant[] = [
  { name: NONE, title: 'the application alone', pairedWith: NONE },
  { name: NONE_AGAIN, title: 'the same again: the noise', pairedWith: NONE },
  {
    name: OTEL_PLAIN,
    title: 'auto-instrumentations-node/register',
    pairedWith: NONE,
    preload: preload('otel-plain'),
    env: otel,
  },
  {
    name: 'otel-trim',
    title: 'OpenTelemetry with the HTTP, route and query spans alone',
    pairedWith: NONE,
    preload: preload('otel-trim'),
    env: { ...otel, OTEL_METRICS_EXPORTER: 'none' },
  },
  {
    name: 'otel-10pct',
    title: 'otel-plain, one trace in ten sampled',
    pairedWith: NONE,
    preload: preload('otel-plain'),
    env: { ...otel, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' },
    isSampling: true,
  },
  {
    name: 'dd-trace',
    title: 'dd-trace/initialize.mjs',
    pairedWith: NONE,
    preload: preload('dd-trace'),
    env: {
      DD_SERVICE: 'bench',
      DD_TRACE_FLUSH_INTERVAL: String(SEND_EVERY_MS),
      DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
      DD_REMOTE_CONFIGURATION_ENABLED: 'false',
      DD_TRACE_STARTUP_LOGS: 'false',
    },
  },
  {
    name: SLOWPATH_AUTO,
    title: 'slowpath on the official instrumentations',
    pairedWith: NONE,
    preload: SLOWPATH,
    env: slowpathEnv('auto'),
  },
  {
    name: SLOWPATH_LEAN,
    title: 'slowpath on its own',
    pairedWith: NONE,
    preload: SLOWPATH,
    env: slowpathEnv('lean'),
  },
];
