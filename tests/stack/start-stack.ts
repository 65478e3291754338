import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CollectorBinaries } from '../../scripts/collector-binaries.ts';
import { freePorts } from '../../scripts/lib/free-ports.ts';
import { startProcess, untilAnswers, type StartedProcess } from './start-process.ts';

/** The repository, in which `slowpath` is the package itself. */
export const repository = fileURLToPath(new URL('../..', import.meta.url));
export const collectorConfig = join(repository, 'otel-collector.yaml');
const jaegerConfig = join(repository, 'collector-config/jaeger.yaml');

/** The default pipeline, running: the Collector before Jaeger, on ports of their own. */
export interface Stack {
  /** Where applications send OTLP, by protocol. */
  readonly otlpUrl: { readonly http: string; readonly grpc: string };
  /** Where the Collector tells of itself. */
  readonly collectorMetricsUrl: string;
  /** Where the Collector shows the metrics of the applications. */
  readonly applicationMetricsUrl: string;
  /** Jaeger's query API. */
  readonly jaegerUrl: string;
  stop(): Promise<void>;
}

/** Starts the Collector and Jaeger with the configurations that users have, and waits until both take requests. */
export async function startStack(binaries: CollectorBinaries): Promise<Stack> {
  const [grpc, http, health, metrics, prometheus, jaegerOtlp, jaegerHttp, jaegerGrpc, jaegerMetrics] =
    await freePorts(9);
  const cwd = mkdtempSync(join(tmpdir(), 'slowpath-stack-'));
  const started: StartedProcess[] = [];
  const start = async (program: string, config: string, env: NodeJS.ProcessEnv, url: string): Promise<void> => {
    const { PATH, HOME } = process.env;
    const startedProcess = startProcess(program, { args: ['--config', config], cwd, env: { PATH, HOME, ...env } });
    started.push(startedProcess);
    await untilAnswers(startedProcess, url);
  };
  const stop = async (): Promise<void> => {
    try {
      // The Collector first: it sends what it still has.
      for (const startedProcess of started.toReversed()) await startedProcess.stop();
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
  };
  const jaegerEnv = {
    JAEGER_OTLP_GRPC_PORT: `${jaegerOtlp}`,
    JAEGER_HTTP_PORT: `${jaegerHttp}`,
    JAEGER_GRPC_PORT: `${jaegerGrpc}`,
    JAEGER_METRICS_PORT: `${jaegerMetrics}`,
  };
  const collectorEnv = {
    OTELCOL_GRPC_PORT: `${grpc}`,
    OTELCOL_HTTP_PORT: `${http}`,
    OTELCOL_HEALTH_PORT: `${health}`,
    OTELCOL_METRICS_PORT: `${metrics}`,
    OTELCOL_PROMETHEUS_PORT: `${prometheus}`,
    JAEGER_OTLP_ENDPOINT: `127.0.0.1:${jaegerOtlp}`,
  };
  const jaegerUrl = `http://127.0.0.1:${jaegerHttp}`;
  try {
    await start(binaries.jaeger, jaegerConfig, jaegerEnv, `${jaegerUrl}/api/services`);
    await start(binaries.otelcol, collectorConfig, collectorEnv, `http://127.0.0.1:${health}/`);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    otlpUrl: { http: `http://127.0.0.1:${http}`, grpc: `http://127.0.0.1:${grpc}` },
    collectorMetricsUrl: `http://127.0.0.1:${metrics}/metrics`,
    applicationMetricsUrl: `http://127.0.0.1:${prometheus}/metrics`,
    jaegerUrl,
    stop,
  };
}
