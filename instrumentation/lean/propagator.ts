import { createRequire } from 'node:module';
import { diag, type TextMapPropagator } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import type { Environment } from '../../core/settings.ts';

interface B3Package {
  readonly B3Propagator: new (options?: { injectEncoding: unknown }) => TextMapPropagator;
  readonly B3InjectEncoding: { readonly MULTI_HEADER: unknown };
}

const PROPAGATORS: Readonly<Record<string, () => TextMapPropagator>> = {
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
  b3: () => new (b3().B3Propagator)(),
  b3multi() {
    const { B3Propagator, B3InjectEncoding } = b3();
    return new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER });
  },
};

/** As OTEL_PROPAGATORS has it; `undefined` for `none`. What is unknown is left out, as by the SDK. */
export function leanPropagator(environment: Environment): TextMapPropagator | undefined {
  const names = (environment['OTEL_PROPAGATORS']?.trim() || 'tracecontext,baggage')
    .split(',')
    .map((name) => name.trim());
  if (names.includes('none')) return undefined;
  const propagators = [...new Set(names)].flatMap((name) => {
    if (Object.hasOwn(PROPAGATORS, name)) return PROPAGATORS[name]?.() ?? [];
    if (name !== '') diag.warn(`Propagator "${name}" of OTEL_PROPAGATORS is unknown.`);
    return [];
  });
  return propagators.length === 0 ? undefined : new CompositePropagator({ propagators });
}

/** Comes with the SDK, which is the only one to know where it is. */
function b3(): B3Package {
  const require = createRequire(import.meta.url);
  return createRequire(require.resolve('@opentelemetry/sdk-node'))('@opentelemetry/propagator-b3') as B3Package;
}
