import { metrics } from '@opentelemetry/api';
import { getCallSites } from 'node:util';

/** Where OpenTelemetry's API keeps what is registered. */
const REGISTRY = Symbol.for('opentelemetry.js.api.1');
/** The API's own calls between the application and its registry, and some to spare. */
const FRAMES = 6;

type Registry = Record<string, unknown>;

/**
 * Lets an application register metrics of its own where ours stand: the API refuses a second provider. The registry is assigned
 * anew before each registration, and the property that `HeldRegistry` made of it sees that; this looks at it first.
 * Call after `HeldRegistry.watch`. Ours goes on collecting what it has; the application's instruments from then on are its own.
 */
export function yieldMeterProvider(): void {
  const ours = metrics.getMeterProvider();
  const property = Object.getOwnPropertyDescriptor(globalThis, REGISTRY);
  const set = property?.set?.bind(globalThis);
  if (property === undefined || set === undefined) return;
  Object.defineProperty(globalThis, REGISTRY, {
    ...property,
    set(registry: Registry | undefined) {
      if (registry?.['metrics'] === ours && isMeterProviderBeingSet()) delete registry['metrics'];
      set(registry);
    },
  });
}

function isMeterProviderBeingSet(): boolean {
  return getCallSites(FRAMES, { sourceMap: false }).some(
    ({ functionName }) => functionName === 'setGlobalMeterProvider',
  );
}
