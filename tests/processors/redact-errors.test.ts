import { SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import type { Unredacted } from '../../processors/redact-span.ts';
import { TracedApp } from './traced-app.ts';

describe('error texts', () => {
  /** A request whose span has recorded what was thrown. */
  function exportedError(thrown: Error | string, unredacted: readonly Unredacted[] = []) {
    const app = new TracedApp({ unredacted });
    const root = app.request();
    root.recordException(thrown);
    root.setStatus({ code: SpanStatusCode.ERROR, message: thrown instanceof Error ? thrown.message : thrown });
    app.end(root);
    const { status, events } = app.exportedOf(root);
    return { status, attributes: events[0]?.attributes ?? {} };
  }
  const withStack = (stack: string): Error => Object.assign(new RangeError('jane@example.org'), { stack });

  it('lose the message, keep the type and the frames', () => {
    const { status, attributes } = exportedError(new RangeError('no user jane@example.org'));
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'REDACTED' });
    expect(attributes).toMatchObject({ 'exception.type': 'RangeError', 'exception.message': 'REDACTED' });
    expect(attributes['exception.stacktrace']).toMatch(/^\s+at .*redact-errors\.test\.ts:\d+:\d+/);
    expect(JSON.stringify({ status, attributes })).not.toContain('jane');
  });

  it('lose a string that was thrown', () => {
    expect(exportedError('jane@example.org').attributes).toEqual({ 'exception.message': 'REDACTED' });
  });

  it.each([
    [
      'of several lines',
      'RangeError: a\njane\nb\n    at f (/app/a.js:1:2)\n    at /app/b.js:3:4',
      '    at f (/app/a.js:1:2)\n    at /app/b.js:3:4',
    ],
    [
      'with a line like a frame',
      'RangeError: x\n    at jane@example.org\n    at f (/app/a.js:1:2)',
      '    at f (/app/a.js:1:2)',
    ],
    [
      'with a line like a frame, and then another',
      'RangeError: x\n    at jane (/app/x.js:1:2)\nb\n    at f (/app/a.js:1:2)',
      '    at f (/app/a.js:1:2)',
    ],
    ['without frames', 'RangeError: jane@example.org', ''],
    [
      'with V8’s names for places without a file',
      'E: jane\n    at new Promise (<anonymous>)\n    at Array.map (native)\n    at async Promise.all (index 3)',
      '    at new Promise (<anonymous>)\n    at Array.map (native)\n    at async Promise.all (index 3)',
    ],
    ['with the cause of the error below the frames', 'E: x\n    at f (/app/a.js:1:2)\n  [cause]: jane@example.org', ''],
    ['that is empty', '', undefined],
  ])('keep only the frames of a stack %s', (_which, stack, kept) => {
    const { attributes } = exportedError(withStack(stack));
    expect(attributes['exception.stacktrace']).toBe(kept);
    expect(JSON.stringify(attributes)).not.toContain('jane');
  });

  it('stay as they are when they are named', () => {
    const error = new RangeError('no user jane');
    const { status, attributes } = exportedError(error, ['error-text']);
    expect(status.message).toBe('no user jane');
    expect(attributes).toMatchObject({ 'exception.message': 'no user jane', 'exception.stacktrace': error.stack });
  });

  it('are not invented: no status and no message stay so', () => {
    const app = new TracedApp();
    const [silent, bare] = [app.request(), app.request()];
    bare.setStatus({ code: SpanStatusCode.ERROR });
    app.end(silent);
    app.end(bare);
    expect(app.exportedOf(silent).status).toEqual({ code: SpanStatusCode.UNSET });
    expect(app.exportedOf(bare).status).toEqual({ code: SpanStatusCode.ERROR });
  });
});
