import { connect } from 'node:net';
import type { Environment } from '../../core/settings.ts';

const connectMsMax = 300;
const defaultUrl = 'http://localhost:4318';

/** The address that OpenTelemetry's exporters would send traces to, if something listens there; else `undefined`. */
export async function findCollector(environment: Environment): Promise<string | undefined> {
  const named = environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const url = named || defaultUrl;
  if (!URL.canParse(url)) return undefined;
  const { hostname, port, protocol } = new URL(url);
  const isListening = await listens(
    hostname.replace(/^\[|\]$/g, ''),
    Number(port) || (protocol === 'https:' ? 443 : 80),
  );
  return isListening ? url : undefined;
}

async function listens(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectMsMax });
    const answer = (isListening: boolean): void => {
      socket.destroy();
      resolve(isListening);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}
