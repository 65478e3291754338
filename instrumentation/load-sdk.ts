import { createRequire } from 'node:module';
import { extname } from 'node:path';
import type { Environment, InstrumentationMode } from '../core/settings.ts';
import type { SpanSerializer } from './export/otlp-exporter.ts';
import type { RunningSdk, SdkModule, SdkStart } from './running-sdk.ts';
import type { OtlpProtocol } from './standard-settings.ts';
import type { StderrLog } from './stderr-log.ts';

/** The SDK of a mode, not yet started. */
export interface LoadedSdk {
  /** In place of the SDK's own serializer. */
  readonly protobuf: SpanSerializer | undefined;
  start(start: SdkStart): RunningSdk;
}

interface LeanModule extends SdkModule {
  createSerializer(): SpanSerializer;
}

/** Without OTEL_EXPORTER_OTLP_PROTOCOL. */
export function defaultProtocol(mode: InstrumentationMode): OtlpProtocol {
  return mode === 'lean' ? 'http/protobuf' : 'http/json';
}

/** Loads the one SDK that is asked for, for the official one takes longer to load than many an application. */
export function loadSdk(mode: InstrumentationMode, environment: Environment, log: StderrLog): LoadedSdk {
  const require = createRequire(import.meta.url);
  // The files are loaded as TypeScript by the repository's own scripts.
  const suffix = extname(import.meta.url);
  const auto = (): LoadedSdk => ({
    protobuf: undefined,
    start: (start) => (require(`./auto-sdk${suffix}`) as SdkModule).startSdk(start),
  });
  if (mode === 'auto') return auto();
  if (environment['OTEL_NODE_EXPERIMENTAL_SDK_METRICS']?.trim().toLowerCase() === 'true') {
    log.line('SLOWPATH_INSTRUMENTATION=lean has no OTEL_NODE_EXPERIMENTAL_SDK_METRICS; using auto.');
    return auto();
  }
  const lean = require(`./lean-sdk${suffix}`) as LeanModule;
  return {
    protobuf: lean.createSerializer(),
    start: (start) => lean.startSdk(start),
  };
}
