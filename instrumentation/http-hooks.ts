import type { ServerResponse } from 'node:http';
import type { Span } from '@opentelemetry/api';
import { requestOf } from '../request/request-on-span.ts';
import { tagResponse } from './response-headers.ts';

/** To be called before the application's handler; responses of clients come here too and have no `writeHead`. */
export function onResponseStart(span: Span, response: object): void {
  const request = requestOf(span);
  if (request !== undefined && 'writeHead' in response) tagResponse(response, request);
}

/** To be called when the response is closed, before its span ends. */
export function onResponseEnd(span: Span, response: object): void {
  const request = requestOf(span);
  if (request === undefined) return;
  // The response's head may be out and its status 200 when the client goes away: only this tells.
  if (isUnfinished(response)) request.aborted = true;
  if (isEventStream(response)) request.stream = true;
}

/** The head that was sent tells it even when `writeHead` was given the headers, which `getHeader` then does not know. */
function isEventStream(response: object): boolean {
  if (!('writeHead' in response)) return false;
  const type = (response as ServerResponse).getHeader('content-type');
  const text = typeof type === 'string' ? type : '_header' in response ? response._header : undefined;
  return typeof text === 'string' && text.includes('text/event-stream');
}

function isUnfinished(response: object): boolean {
  return 'writeHead' in response && !(response as ServerResponse).writableFinished;
}
