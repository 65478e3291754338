import type { Span } from '@opentelemetry/sdk-trace';
import { hashValues } from '../core/keyed-hash.ts';
import { ATTR_DB_QUERY_SUMMARY, ATTR_DB_QUERY_TEXT, ATTR_DB_STATEMENT_OLD } from '../core/semconv.ts';
import type { QueryShape } from '../sql/index.ts';
import { describeQuery } from '../sql/index.ts';
import { REDACTED } from './redacted.ts';

const PARAMETER_PREFIX = 'db.query.parameter.';
const TEXT_ATTRIBUTES = [ATTR_DB_QUERY_TEXT, ATTR_DB_STATEMENT_OLD];

/** Takes the values out of a database span: its text, its summary, and its name where that was cut out of the text. */
export function redactStatement(span: Span, shape: QueryShape | undefined): void {
  rewriteQueryText(span, () => shape?.text ?? REDACTED);
  if (shape === undefined) return;
  if (span.attributes[ATTR_DB_QUERY_SUMMARY] !== undefined) span.setAttribute(ATTR_DB_QUERY_SUMMARY, shape.summary);
  // Instrumentations name a span by the text up to its first blank, and a statement may have line breaks for blanks.
  if (!isPlainName(span.name)) span.updateName(shape.summary === '' ? 'query' : shape.summary);
}

/** A statement on a span that is none of a known database: of a wrapper, or of an instrumentation of somebody's own. */
export function redactStrayStatement(span: Span): void {
  rewriteQueryText(span, (text) => describeQuery(text, '').text);
  takeParameterAttributes(span);
}

/** Rewrites the text under its stable and its older name. What is no string cannot be read, and goes. */
export function rewriteQueryText(span: Span, rewrite: (text: string) => string): void {
  for (const name of TEXT_ATTRIBUTES) {
    const text = span.attributes[name];
    if (text === undefined) continue;
    const rewritten = typeof text === 'string' ? rewrite(text) : REDACTED;
    if (rewritten !== text) span.setAttribute(name, rewritten);
  }
}

/** Hashes the bind values that stand on the span as attributes and takes them off it; `undefined` when there are none. */
export function takeParameterAttributes(span: Span): number | undefined {
  let values: unknown[] | undefined;
  for (const name in span.attributes) {
    if (!name.startsWith(PARAMETER_PREFIX)) continue;
    (values ??= []).push(span.attributes[name]);
    delete span.attributes[name];
  }
  return values === undefined ? undefined : hashValues(values);
}

/** Letters, digits and what joins them in names; a quote, a bracket or a line break is part of a statement. */
function isPlainName(name: string): boolean {
  if (name.length > 120) return false;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    const isWord = (code | 32) >= 97 && (code | 32) <= 122;
    const isDigit = code >= 48 && code <= 57;
    if (!isWord && !isDigit && !PLAIN_MARKS.has(code)) return false;
  }
  return true;
}

const PLAIN_MARKS = new Set([...' .:-_/$#@'].map((mark) => mark.charCodeAt(0)));
