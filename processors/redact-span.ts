import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, Span } from '@opentelemetry/sdk-trace';
import { kindOfKey } from '../core/kind-of-key.ts';
import {
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_STATEMENT_OLD,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_URL_FULL,
  ATTR_URL_QUERY,
} from '../core/semconv.ts';
import { stackFrames } from '../core/stack-frames.ts';
import { REDACTED } from './redacted.ts';

/** What may leave the process as it is. Everything is redacted unless it is named. */
export type Unredacted = 'query-text' | 'url-values' | 'redis-keys' | 'error-text';
export const UNREDACTED: readonly Unredacted[] = ['query-text', 'url-values', 'redis-keys', 'error-text'];

/** The last two are the names before the stable conventions. */
const URL_ATTRIBUTES = [ATTR_URL_FULL, 'http.url', 'http.target'];
const VALUE_ATTRIBUTES = [ATTR_DB_QUERY_TEXT, ATTR_DB_STATEMENT_OLD, ATTR_URL_QUERY, ...URL_ATTRIBUTES];

/** Takes the values out of a span's URL attributes and error texts before any exporter sees them. Call in `onEnding`. */
export function redactSpan(span: Span & ReadableSpan, unredacted: ReadonlySet<Unredacted>): void {
  if (!unredacted.has('url-values')) redactUrls(span);
  if (!unredacted.has('error-text')) redactErrors(span);
}

/** When a fault of ours kept us from reading the span, what might hold a value goes whole. Never throws. */
export function redactBlindly(span: Span & ReadableSpan): void {
  try {
    for (const name of VALUE_ATTRIBUTES) if (name in span.attributes) span.attributes[name] = REDACTED;
    redactErrors(span);
  } catch {
    // A span that cannot be written to is not one of the SDK's, and not ours to guard.
  }
}

function redactUrls(span: Span & ReadableSpan): void {
  const query = span.attributes[ATTR_URL_QUERY];
  if (typeof query === 'string' && query !== '') span.setAttribute(ATTR_URL_QUERY, redactUrlQuery(query));
  for (const name of URL_ATTRIBUTES) {
    const url = span.attributes[name];
    if (typeof url === 'string') span.setAttribute(name, redactUrl(url));
  }
}

/** `a=1&token=x` → `a=REDACTED&token=REDACTED`. A part without `=` is a value without a name. */
export function redactUrlQuery(query: string): string {
  const start = query.startsWith('?') ? '?' : '';
  const parts = query.slice(start.length).split('&');
  return (
    start +
    parts
      .map((part) => {
        const equals = part.indexOf('=');
        return equals === -1 ? (part === '' ? '' : REDACTED) : `${part.slice(0, equals)}=${REDACTED}`;
      })
      .join('&')
  );
}

/** Keeps scheme, host and path; the user and password, the values of the query and the fragment go. */
export function redactUrl(url: string): string {
  const hash = url.indexOf('#');
  const withoutHash = hash === -1 ? url : url.slice(0, hash);
  const question = withoutHash.indexOf('?');
  const base = question === -1 ? withoutHash : withoutHash.slice(0, question);
  return redactUser(base) + (question === -1 ? '' : redactUrlQuery(withoutHash.slice(question)));
}

function redactUser(base: string): string {
  const authority = base.indexOf('://') + 3;
  if (authority === 2) return base;
  const end = base.indexOf('/', authority);
  const at = base.lastIndexOf('@', end === -1 ? base.length : end);
  return at < authority ? base : `${base.slice(0, authority)}${REDACTED}@${base.slice(at + 1)}`;
}

function redactErrors(span: Span & ReadableSpan): void {
  if (span.status.code === SpanStatusCode.ERROR && span.status.message) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: REDACTED });
  }
  for (const event of span.events) {
    const attributes = event.attributes;
    if (attributes === undefined) continue;
    if (attributes[ATTR_EXCEPTION_MESSAGE] !== undefined) attributes[ATTR_EXCEPTION_MESSAGE] = REDACTED;
    const stack = attributes[ATTR_EXCEPTION_STACKTRACE];
    if (typeof stack === 'string') attributes[ATTR_EXCEPTION_STACKTRACE] = stackFrames(stack).join('\n');
  }
}

/** The longest command names of Redis and its modules have some twenty letters. */
const MAX_COMMAND_LENGTH = 24;

/** `get session:jane@x.io [1 other arguments]` → `get session:?`. Of the key only its kind stays. */
export function redactKeyValueCommand(text: string): string {
  const space = text.indexOf(' ');
  if (space === -1) return text.length <= MAX_COMMAND_LENGTH ? text : '?';
  const command = text.slice(0, space);
  const rest = text.slice(space + 1);
  const end = rest.indexOf(' ');
  const key = end === -1 ? rest : rest.slice(0, end);
  const kind = kindOfKey(key);
  return `${command} ${kind === undefined ? '?' : `${kind}:?`}`;
}
