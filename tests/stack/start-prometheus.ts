import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../../scripts/lib/environment-error.ts';
import { findProgram } from '../../scripts/lib/find-program.ts';
import { freePorts } from '../../scripts/lib/free-ports.ts';
import { startProcess, untilAnswers } from './start-process.ts';
import { until } from './until.ts';

/** A Prometheus that reads one page. */
export interface Prometheus {
  /** The values of an instant query, now, each with the labels of its series. */
  query(promql: string): Promise<readonly PrometheusSample[]>;
  stop(): Promise<void>;
}

export interface PrometheusSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const variable = 'SLOWPATH_PROMETHEUS_BIN';

/**
 * Starts Prometheus with native histograms, as docs/metrics.md has it, and lets it read the page `scrapeIntervalMs` apart. Its
 * data is in a temporary folder that goes with `stop()`.
 * @throws {EnvironmentError} if there is no `prometheus`; the message says what to do.
 */
export async function startPrometheus(pageUrl: string, scrapeIntervalMs: number): Promise<Prometheus> {
  const program = process.env[variable] || findProgram('prometheus');
  if (program === undefined) {
    throw new EnvironmentError(
      `There is no prometheus. Install it (apt-get install prometheus, brew install prometheus), or name one in ${variable}.`,
    );
  }
  const { host, pathname } = new URL(pageUrl);
  const cwd = mkdtempSync(join(tmpdir(), 'slowpath-prometheus-'));
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(
    join(cwd, 'prometheus.yml'),
    JSON.stringify({
      scrape_configs: [
        {
          job_name: 'otel-collector',
          honor_labels: true,
          scrape_interval: `${scrapeIntervalMs}ms`,
          scrape_timeout: `${scrapeIntervalMs}ms`,
          metrics_path: pathname,
          static_configs: [{ targets: [host] }],
        },
      ],
    }),
  );
  const { PATH, HOME } = process.env;
  const started = startProcess(program, {
    args: [
      '--config.file=prometheus.yml',
      '--storage.tsdb.path=data',
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=native-histograms',
      '--log.level=warn',
    ],
    cwd,
    env: { PATH, HOME },
  });
  const stop = async (): Promise<void> => {
    try {
      await started.stop();
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
  };
  try {
    await untilAnswers(started, `${url}/-/ready`);
    // It looks for what is to be read five seconds after its start, and not before.
    await until('Prometheus to read the page', async () => (await query(url, 'up == 1'))[0], { state: started.output });
    return { query: (promql) => query(url, promql), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries */
async function query(url: string, promql: string): Promise<readonly PrometheusSample[]> {
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: promql })}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`Prometheus answered ${response.status} to ${promql}: ${text.slice(0, 500)}`);
  const { data } = JSON.parse(text) as {
    readonly data: { readonly result: readonly { metric: Record<string, string>; value?: [number, string] }[] };
  };
  return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value?.[1]) }));
}
