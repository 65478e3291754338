/** Import as `slowpath/instrumentation`: for an application with an OpenTelemetry set-up of its own. */
export { leanInstrumentation, type LeanInstrumentationSettings } from './lean-instrumentation.ts';
