import { fileURLToPath } from 'node:url';
import { ServerCredentials } from '@grpc/grpc-js';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readGrpcEndpoint } from '../../../instrumentation/export/grpc-endpoint.ts';
import { openOtlp } from '../../../instrumentation/export/open-otlp.ts';
import { GrpcCollector } from '../../support/grpc-collector.ts';

const certificate = fileURLToPath(new URL('../../fixtures/tls/localhost.crt', import.meta.url));
const key = fileURLToPath(new URL('../../fixtures/tls/localhost.key', import.meta.url));

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the endpoint of a gRPC collector', () => {
  it.each([
    [{}, 'http://localhost:4317', undefined],
    [{ ENDPOINT: '' }, 'http://localhost:4317', undefined],
    [{ ENDPOINT: ' http://collector:4317 ' }, 'http://collector:4317', undefined],
    [{ ENDPOINT: 'https://collector:4317/ignored' }, 'https://collector:4317/ignored', undefined],
    [{ ENDPOINT: 'collector:4317' }, 'https://collector:4317', undefined],
    [{ ENDPOINT: 'collector:4317', INSECURE: 'TRUE' }, 'http://collector:4317', undefined],
    [{ ENDPOINT: 'collector:4317', INSECURE: '1' }, 'https://collector:4317', undefined],
    [{ ENDPOINT: 'https://collector:4317', INSECURE: 'true' }, 'https://collector:4317', undefined],
    [{ ENDPOINT: 'grpc://collector:4317', INSECURE: 'true' }, 'http://collector:4317', undefined],
    [{ ENDPOINT: 'unix:///run/otlp.sock', INSECURE: 'true' }, 'http://localhost', '/run/otlp.sock'],
    [{ ENDPOINT: 'unix:otlp.sock' }, 'https://localhost', 'otlp.sock'],
    [{ ENDPOINT: 'http://all:1', TRACES_ENDPOINT: 'http://traces:2' }, 'http://traces:2', undefined],
    [{ ENDPOINT: 'http://all:1', METRICS_ENDPOINT: 'http://metrics:2' }, 'http://all:1', undefined],
    [{ ENDPOINT: 'a:1', INSECURE: 'true', TRACES_INSECURE: 'false' }, 'https://a:1', undefined],
  ])('of %j is %s', (variables, url, socketPath) => {
    const environment = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [`OTEL_EXPORTER_OTLP_${name}`, value]),
    );
    expect(readGrpcEndpoint('TRACES', environment)).toEqual({ url, socketPath });
  });
});

describe('OTLP as the standard variables have it', () => {
  it('goes over gRPC with headers, compression, time limit, certificate and a client certificate', async () => {
    const pair = { private_key: readFileSync(key), cert_chain: readFileSync(certificate) };
    const credentials = ServerCredentials.createSsl(readFileSync(certificate), [pair], true);
    const collector = await GrpcCollector.start(undefined, { credentials });
    try {
      vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `https://user:secret@${collector.host}/ignored`);
      vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'tenant=a%20b');
      vi.stubEnv('OTEL_EXPORTER_OTLP_METRICS_COMPRESSION', 'gzip');
      vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '5000');
      vi.stubEnv('OTEL_EXPORTER_OTLP_CERTIFICATE', certificate);
      vi.stubEnv('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', certificate);
      vi.stubEnv('OTEL_EXPORTER_OTLP_CLIENT_KEY', key);
      const body = Buffer.from('body');
      for (const signal of ['METRICS', 'TRACES'] as const) {
        const { transport, timeoutMs, destination } = openOtlp(signal, 'grpc');
        expect(timeoutMs).toBe(5000);
        expect(destination).toBe(`https://${collector.host} over gRPC`);
        expect(await transport.send(body, timeoutMs)).toMatchObject({ ok: true });
        transport.abort('the test has ended');
      }
      expect(collector.received.map(({ path }) => path)).toEqual([
        '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
        '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      ]);
      for (const { metadata, body: received } of collector.received) {
        expect(metadata.get('tenant')).toEqual(['a b']);
        expect(received).toEqual(body);
      }
    } finally {
      collector.stop();
    }
  });

  it.each([
    ['http/json', 'http://collector:4318/v1/traces'],
    ['http/protobuf', 'http://collector:4318/v1/traces'],
    ['grpc', 'http://collector:4318 over gRPC'],
  ] as const)('names where %s goes without user and password', (protocol, destination) => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://user:secret@collector:4318');
    expect(openOtlp('TRACES', protocol).destination).toBe(destination);
  });
});
