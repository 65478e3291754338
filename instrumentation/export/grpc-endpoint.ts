/** Where a gRPC collector is. */
export interface GrpcEndpoint {
  /** `http://host:port`, `https://host:port`; `localhost` for a socket. */
  readonly url: string;
  /** Of a Unix domain socket. */
  readonly socketPath: string | undefined;
}

const DEFAULT_URL = 'http://localhost:4317';

/**
 * Reads OTEL_EXPORTER_OTLP_…_ENDPOINT and OTEL_EXPORTER_OTLP_…_INSECURE as OpenTelemetry's gRPC exporter does: `http://` is
 * without encryption, `https://` with it, and so is an endpoint without a scheme unless INSECURE is `true`. A path of the URL has
 * no meaning. https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function readGrpcEndpoint(signal: 'TRACES' | 'METRICS', environment: NodeJS.ProcessEnv): GrpcEndpoint {
  const read = (name: string): string | undefined =>
    environment[`OTEL_EXPORTER_OTLP_${signal}_${name}`]?.trim() ||
    environment[`OTEL_EXPORTER_OTLP_${name}`]?.trim() ||
    undefined;
  const endpoint = read('ENDPOINT') ?? DEFAULT_URL;
  const scheme = read('INSECURE')?.toLowerCase() === 'true' ? 'http:' : 'https:';
  const socketPath = /^unix:(?:\/\/)?(.+)$/.exec(endpoint)?.[1];
  if (socketPath !== undefined) return { url: `${scheme}//localhost`, socketPath };
  if (/^https?:\/\//.test(endpoint)) return { url: endpoint, socketPath };
  return { url: `${scheme}//${endpoint.replace(/^\w+:\/\//, '')}`, socketPath };
}
