import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { hashValues } from '../core/keyed-hash.ts';
import { longestList } from '../core/longest-list.ts';
import { ATTR_DB_QUERY_TEXT } from '../core/semconv.ts';
import { describeQuery } from '../sql/index.ts';
import { setListSize, setParametersHash } from './query-hints.ts';
import { stringAttribute } from './read-span.ts';

/** Keeps the hash of a statement's bind values, and the length of the longest list among them, on its span. */
export function keepBindValues(span: object, values: unknown): void {
  const hash = hashValues(values);
  if (hash !== undefined) setParametersHash(span, hash);
  const size = longestList(values);
  if (size > 0) setListSize(span, size);
}

/** Stands for "nothing was noted"; `undefined` is what a query without bind values notes. */
export const NOTHING_NOTED = Symbol('nothing noted');

let noted: unknown = NOTHING_NOTED;

/**
 * Notes the bind values of the query that a driver is being asked for, until its span starts. For instrumentations that tell
 * them to no hook. Returns what was noted before; note that again, in a `finally`, when the driver has been asked.
 */
export function noteBindValues(values: unknown): unknown {
  const before = noted;
  noted = values;
  return before;
}

/** Keeps what was noted on the span of that query. To be called for every database span that has just started. */
export function takeNotedBindValues(span: ReadableSpan, system: string): void {
  if (noted === NOTHING_NOTED || system !== 'mysql') return;
  const values = noted;
  noted = NOTHING_NOTED;
  const hash = hashValues(values);
  if (hash !== undefined) setParametersHash(span, hash);
  const size = longestList(values);
  if (size > 0) setListSize(span, isRow(values, size, span, system) ? 1 : size);
}

/** `INSERT lines`, and no `INSERT lines SELECT orders`, which may hold `IN (?)`. */
const PLAIN_INSERT = /^(?:INSERT|REPLACE) \S+$/;

/** In MySQL's drivers a list of plain values is the one row of `VALUES (?)`; lists within a list are the rows of `VALUES ?`. */
function isRow(values: unknown, size: number, span: ReadableSpan, system: string): boolean {
  if (size < 2 || !Array.isArray(values) || values.some(isListOfLists)) return false;
  const text = stringAttribute(span, ATTR_DB_QUERY_TEXT);
  return text !== undefined && PLAIN_INSERT.test(describeQuery(text, system).summary);
}

function isListOfLists(value: unknown): boolean {
  return Array.isArray(value) && Array.isArray(value[0]);
}
