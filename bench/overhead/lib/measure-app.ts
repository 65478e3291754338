import { loadavg } from 'node:os';
import { App, type AppOptions } from './app.ts';
import { Load } from './load.ts';
import { type Framework, requestCounts, type RouteName, ROUTES } from './routes.ts';
import type { Sink } from './sink.ts';

/** What one route cost in one run of an application. All per request, but the count. */
export interface RouteRun {
  readonly requests: number;
  /** User and system time of the whole process, all threads, until what it sends has been sent. Microseconds. */
  readonly cpuUs: number;
  /** Of these, as many as the sink has received. */
  readonly spans: number;
  readonly traceBytes: number;
  /** Bytes of the answers' bodies. */
  readonly bodyBytes: number;
  readonly requestsPerSecond: number;
}

/** One application under one tool, started once and ended again. */
export interface AppRun {
  readonly framework: Framework;
  readonly variant: string;
  readonly round: number;
  /** CPU time of the process, and time, until it listens. Milliseconds. */
  readonly startCpuMs: number;
  readonly startMs: number;
  /** The resident set after all requests, bytes. */
  readonly rssBytes: number;
  /** The machine's load average of the last minute, at the end: how much to trust the rest. */
  readonly loadAverage: number;
  readonly routes: Readonly<Record<RouteName, RouteRun>>;
}

export interface MeasureOptions extends Omit<AppOptions, 'sinkUrl'> {
  readonly round: number;
  readonly sink: Sink;
  /** 1: the requests of a full run. */
  readonly scale: number;
}

/** Starts the application, warms all routes up, and measures one after the other. */
export async function measureApp({ round, sink, scale, ...options }: MeasureOptions): Promise<AppRun> {
  const app = await App.start({ ...options, sinkUrl: sink.url });
  const load = await Load.open(app.listening.port);
  try {
    for (const route of ROUTES) await load.send(route.path, requestCounts(route, scale).warmUp);
    let totals = await sink.settled();
    let usage = await app.usage();
    const routes: Partial<Record<RouteName, RouteRun>> = {};
    for (const route of ROUTES) {
      const requests = requestCounts(route, scale).measured;
      const startMs = performance.now();
      const bodyBytes = await load.send(route.path, requests);
      const seconds = (performance.now() - startMs) / 1000;
      const totalsAfter = await sink.settled();
      const usageAfter = await app.usage();
      routes[route.name] = {
        requests,
        cpuUs: (usageAfter.cpuUs - usage.cpuUs) / requests,
        spans: (totalsAfter.spans - totals.spans) / requests,
        traceBytes: (totalsAfter.traceBytes - totals.traceBytes) / requests,
        bodyBytes: bodyBytes / requests,
        requestsPerSecond: requests / seconds,
      };
      totals = totalsAfter;
      usage = usageAfter;
    }
    return {
      framework: options.framework,
      variant: options.variant.name,
      round,
      startCpuMs: app.listening.cpuUs / 1000,
      startMs: app.listening.startMs,
      rssBytes: usage.rssBytes,
      loadAverage: loadavg()[0] ?? Number.NaN,
      routes: routes as Record<RouteName, RouteRun>,
    };
  } catch (cause) {
    throw new Error(`Measuring ${options.framework} under ${options.variant.name} failed: ${app.lastWords()}`, {
      cause,
    });
  } finally {
    load.close();
    await app.end();
  }
}
