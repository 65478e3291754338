import type { EventEmitter } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import {
  context as contextApi,
  propagation,
  SpanKind,
  trace,
  type TextMapGetter,
  type Tracer,
} from '@opentelemetry/api';
import type { FaultLog } from '../../core/fault-log.ts';
import { exchangeStamp, HttpExchange, type HttpServerHooks } from './http-exchange.ts';
import { requestAttributes } from './http-request-attributes.ts';
import { LEAN_ROOT_CONTEXT } from './lean-context.ts';
import { PatchSet, type AnyMethod } from './patch-set.ts';
import { withHttpMetadata, type HttpMetadata } from './rpc-metadata.ts';

export interface HttpServerOptions {
  readonly tracer: () => Tracer;
  readonly faults: FaultLog;
  readonly hooks?: HttpServerHooks;
}

type Headers = http.IncomingHttpHeaders;

const headersGetter: TextMapGetter<Headers> = {
  get: (headers, name) => headers[name],
  keys: (headers) => Object.keys(headers),
};

/**
 * A SERVER span for each request of `node:http` and `node:https`. Four methods are patched once: a request costs no listener
 * and no wrapper of its own. Listeners of requests and responses run in the request's context whoever emits: a body's last
 * packet, an abort and a timer come from elsewhere.
 */
export function patchHttpServer(patches: PatchSet, options: HttpServerOptions): void {
  const emitters = { http: http.Server.prototype, https: https.Server.prototype };
  for (const [scheme, prototype] of Object.entries(emitters)) {
    patches.wrap(prototype, 'emit', (original) => serving(original, scheme as 'http' | 'https', options));
  }
  patches.wrap(http.ServerResponse.prototype, 'emit', (original) => responding(original, options));
  patches.wrap(http.IncomingMessage.prototype, 'emit', receiving);
}

function serving(original: AnyMethod, scheme: 'http' | 'https', options: HttpServerOptions): AnyMethod {
  return function emit(this: unknown, ...args: unknown[]): unknown {
    const [event, request, response] = args;
    if (event !== 'request') return original.apply(this, args);
    const exchange = begin(request as http.IncomingMessage, response as http.ServerResponse, scheme, options);
    if (exchange === undefined) return original.apply(this, args);
    try {
      return contextApi.with(exchange.context, () => original.apply(this, args));
    } catch (thrown) {
      exchange.fail(thrown);
      throw thrown;
    }
  };
}

/** `undefined` when the request is not to have a span: it has one, or a fault of ours stands in the way. */
function begin(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  scheme: 'http' | 'https',
  { tracer, faults, hooks = {} }: HttpServerOptions,
): HttpExchange | undefined {
  try {
    // One server hands a request on to another one: it is still one request.
    if (exchangeStamp.get(response) !== undefined) return undefined;
    // Not the active context: that of a connection kept alive may be the one of the request before.
    const parent = propagation.extract(LEAN_ROOT_CONTEXT, request.headers, headersGetter);
    const attributes = requestAttributes(request, scheme);
    const span = tracer().startSpan(request.method ?? 'GET', { kind: SpanKind.SERVER, attributes }, parent);
    const metadata: HttpMetadata = { type: 'http', span, route: undefined };
    const context = withHttpMetadata(trace.setSpan(parent, span), metadata);
    const exchange = new HttpExchange(context, metadata, request, hooks);
    exchangeStamp.set(request, exchange);
    exchangeStamp.set(response, exchange);
    hooks.onStart?.(span, response);
    return exchange;
  } catch (thrown) {
    faults.caught('http request', thrown);
    return undefined;
  }
}

function responding(original: AnyMethod, { faults }: HttpServerOptions): AnyMethod {
  return function emit(this: unknown, ...args: unknown[]): unknown {
    const response = this as http.ServerResponse;
    const exchange = exchangeStamp.get(response);
    if (exchange === undefined) return original.apply(this, args);
    const [event] = args;
    if (event === 'close' || event === 'error') {
      try {
        if (event === 'close') exchange.finish(response);
        else exchange.fail(args[1]);
      } catch (thrown) {
        faults.caught('http response', thrown);
      }
    }
    return inContextOf(exchange, response, original, args);
  };
}

function receiving(original: AnyMethod): AnyMethod {
  return function emit(this: unknown, ...args: unknown[]): unknown {
    const request = this as http.IncomingMessage;
    const exchange = exchangeStamp.get(request);
    return exchange === undefined ? original.apply(this, args) : inContextOf(exchange, request, original, args);
  };
}

function inContextOf(exchange: HttpExchange, emitter: EventEmitter, original: AnyMethod, args: unknown[]): unknown {
  const isThere = emitter.listenerCount(args[0] as string) === 0 || contextApi.active() === exchange.context;
  return isThere
    ? original.apply(emitter, args)
    : contextApi.with(exchange.context, () => original.apply(emitter, args));
}
