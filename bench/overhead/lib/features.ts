import { join } from 'node:path';
import { NONE, SLOWPATH, slowpathEnv, type Variant } from './variants.ts';

const NOTHING_ON = 'measuring alone';

/**
 * slowpath with one thing turned on at a time. `measuring alone` is compared with the bare application: spans are made, requests
 * measured and findings found. Each of the others is compared with that. `folder`: where the request log is written.
 */
export function featureVariants(instrumentation: 'auto' | 'lean', folder: string): readonly Variant[] {
  const off = {
    ...slowpathEnv(instrumentation),
    SLOWPATH_RESPONSE_HEADERS: 'off',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'none',
  };
  const requestLog = { SLOWPATH_REQUEST_LOG: join(folder, 'requests-%p.ndjson') };
  const feature = (name: string, env: Readonly<Record<string, string>>): Variant => ({
    name,
    title: '',
    pairedWith: NOTHING_ON,
    preload: SLOWPATH,
    env: { ...off, ...env },
  });
  return [
    { name: NONE, title: 'the application alone', pairedWith: NONE },
    { ...feature(NOTHING_ON, {}), pairedWith: NONE, title: 'requests and queries are measured, findings found' },
    feature('the same again', {}),
    feature('+ headers', { SLOWPATH_RESPONSE_HEADERS: 'on' }),
    feature('+ metrics', { OTEL_METRICS_EXPORTER: 'otlp' }),
    feature('+ request log', requestLog),
    feature('+ export of spans', { OTEL_TRACES_EXPORTER: 'otlp' }),
    feature('+ all of these', {
      ...requestLog,
      SLOWPATH_RESPONSE_HEADERS: 'on',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_TRACES_EXPORTER: 'otlp',
    }),
  ];
}
