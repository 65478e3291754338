import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { context } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import type { FaultLog } from '../core/fault-log.ts';

const CHANNEL = 'tracing:fastify.request.handler:start';

/**
 * Gives Fastify's route to the HTTP instrumentation, which names the span by it. Fastify publishes the route on a channel of
 * its own from version 5 on, so no module is patched. Returns the way back.
 */
export function installFastifyRoute(faults: FaultLog): () => void {
  const onHandler = (message: unknown): void => {
    try {
      const url = (message as { route?: { url?: unknown } }).route?.url;
      const metadata = getRPCMetadata(context.active());
      if (typeof url === 'string' && metadata?.type === RPCType.HTTP) metadata.route = url;
    } catch (thrown) {
      faults.caught('fastify route', thrown);
    }
  };
  subscribe(CHANNEL, onHandler);
  return () => void unsubscribe(CHANNEL, onHandler);
}
