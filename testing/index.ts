/** Import as `slowpath/testing`: draw requests, turn clocks. Not for production. */
export { FakeClock } from './fake-clock.ts';
export { renderTrace, type DrawnSpan } from './render-trace.ts';
export { drawnRequest, requestFromTrace, type TraceOptions } from './request-from-trace.ts';
