/** Import as `slowpath/processors`: for an application with an OpenTelemetry set-up of its own. */
export { RequestSpanProcessor, type RequestSink, type RequestSpanProcessorOptions } from './request-span-processor.ts';
