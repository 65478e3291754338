import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { context as contextApi } from '@opentelemetry/api';
import type { FaultLog } from '../../core/fault-log.ts';
import { httpMetadataOf } from './rpc-metadata.ts';

const CHANNEL = 'fastify.initialization';

interface FastifyRequest {
  readonly routeOptions?: { readonly url?: unknown };
}
interface Fastify {
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: unknown, next: () => void) => void): void;
}

/**
 * Tells the HTTP instrumentation which route of a Fastify application a request takes, by a first `onRequest` hook: a request
 * that a later hook refuses has its route too. Fastify publishes its instances itself. Returns the way back.
 */
export function watchFastify(faults: FaultLog): () => void {
  let isOn = true;
  const onRequest = (request: FastifyRequest): void => {
    try {
      const metadata = isOn ? httpMetadataOf(contextApi.active()) : undefined;
      const url = request.routeOptions?.url;
      if (metadata !== undefined && typeof url === 'string') metadata.route = url;
    } catch (thrown) {
      faults.caught('fastify route', thrown);
    }
  };
  const onInstance = (message: unknown): void => {
    try {
      (message as { fastify: Fastify }).fastify.addHook('onRequest', (request, _reply, next) => {
        onRequest(request);
        next();
      });
    } catch (thrown) {
      faults.caught('fastify', thrown);
    }
  };
  subscribe(CHANNEL, onInstance);
  return () => {
    isOn = false;
    unsubscribe(CHANNEL, onInstance);
  };
}
