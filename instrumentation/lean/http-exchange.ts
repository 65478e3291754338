import type { IncomingMessage, ServerResponse } from 'node:http';
import { SpanStatusCode, type Context, type Span } from '@opentelemetry/api';
import { ATTR_ERROR_TYPE, ATTR_HTTP_RESPONSE_STATUS_CODE, ATTR_HTTP_ROUTE } from '../../core/semconv.ts';
import { createStamp } from '../stamp.ts';
import type { HttpMetadata } from './rpc-metadata.ts';

export interface HttpServerHooks {
  /** The span has started; the application has not seen the request yet. */
  readonly onStart?: (span: Span, response: ServerResponse) => void;
  /** The response is closed, its span not yet ended. */
  readonly onEnd?: (span: Span, response: ServerResponse) => void;
}

/** A request and its response on their way through the server: what ends the span. */
export class HttpExchange {
  readonly context: Context;
  readonly #metadata: HttpMetadata;
  readonly #request: IncomingMessage;
  readonly #hooks: HttpServerHooks;
  #isOpen = true;

  constructor(context: Context, metadata: HttpMetadata, request: IncomingMessage, hooks: HttpServerHooks) {
    this.context = context;
    this.#metadata = metadata;
    this.#request = request;
    this.#hooks = hooks;
  }

  /** The response is closed: sent, or given up by the client. */
  finish(response: ServerResponse): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { span, route } = this.#metadata;
    const { statusCode } = response;
    span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, statusCode);
    if (route !== undefined) span.setAttribute(ATTR_HTTP_ROUTE, route);
    if (!(statusCode >= 100 && statusCode < 500)) span.setStatus({ code: SpanStatusCode.ERROR });
    if (statusCode >= 500 && statusCode < 600) span.setAttribute(ATTR_ERROR_TYPE, String(statusCode));
    if (route !== undefined && route !== '') span.updateName(`${this.#request.method ?? 'GET'} ${route}`);
    this.#hooks.onEnd?.(span, response);
    span.end();
  }

  /** The response has failed, or the application threw where it was given the request. */
  fail(error: unknown): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { span } = this.#metadata;
    if (error instanceof Error) {
      span.setAttribute(ATTR_ERROR_TYPE, error.name);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      span.recordException(error);
    } else span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }
}

/** Leads from a request and its response to their exchange. */
export const exchangeStamp = createStamp<HttpExchange>();
