import type { Span } from '@opentelemetry/api';
import { keepBindValues } from '../processors/bind-values.ts';
import { setRowCount } from '../processors/query-hints.ts';
import { requestOf } from '../request/request-on-span.ts';

/** To be called when a statement's span has started, while its caller is on the stack. */
export function onPgQuery(span: Span, { text, values }: { readonly text: string; readonly values?: unknown }): void {
  keepBindValues(span, values);
  requestOf(span)?.enter(text, 'postgresql', 'driver');
}

/** To be called with what the server has answered. */
export function onPgResult(span: Span, rowCount: unknown): void {
  if (typeof rowCount === 'number') setRowCount(span, rowCount);
}
