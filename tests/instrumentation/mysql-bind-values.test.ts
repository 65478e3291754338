import { InstrumentationBase } from '@opentelemetry/instrumentation';
import { afterEach, describe, expect, it } from 'vitest';
import { DropCounters } from '../../core/drop-counters.ts';
import { FaultLog } from '../../core/fault-log.ts';
import { noteMysqlBindValues } from '../../instrumentation/mysql-bind-values.ts';
import { makeSwitchable } from '../../instrumentation/switchable.ts';
import { NOTHING_NOTED, noteBindValues } from '../../processors/bind-values.ts';
import { FakeClock } from '../../testing/index.ts';

type Send = (this: unknown, ...args: unknown[]) => unknown;

/** Patches like the official one; what is noted when its span would start is kept in `seen`. */
class Mysql2Like extends InstrumentationBase {
  readonly seen: unknown[] = [];

  constructor() {
    super('@opentelemetry/instrumentation-mysql2', '1.0.0', {});
  }

  protected override init(): undefined {}

  patch(connection: Record<string, Send>, ...names: string[]): void {
    const { seen } = this;
    for (const name of names)
      this._wrap(
        connection,
        name,
        (original) =>
          function query(this: unknown, ...args: unknown[]) {
            const noted = noteBindValues(NOTHING_NOTED);
            noteBindValues(noted);
            seen.push(noted);
            return original.apply(this, args);
          },
      );
  }
}

const lines: string[] = [];
const patched = (connection: Record<string, Send>, ...names: string[]): Mysql2Like => {
  const instrumentation = new Mysql2Like();
  noteMysqlBindValues(
    [instrumentation],
    new FaultLog(new FakeClock(0), new DropCounters(), (line) => void lines.push(line)),
  );
  instrumentation.patch(connection, ...names);
  return instrumentation;
};

afterEach(() => {
  expect(noteBindValues(NOTHING_NOTED)).toBe(NOTHING_NOTED);
});

describe('a patched query of MySQL', () => {
  it('notes its values while it is sent, however they are passed', () => {
    const connection: Record<string, Send> = { query: (...args) => args.length, execute: (...args) => args.length };
    const { seen } = patched(connection, 'query', 'execute');
    const done = (): void => {};
    const made = { sql: 'a', values: [4], onResult: done };
    const calls = [['a', [1], done], ['a', done], ['a', 2], [{ sql: 'a', values: [3] }, done], [made], ['a'], []];
    expect(calls.map((args) => connection['query']?.(...args))).toEqual([3, 2, 2, 2, 1, 1, 0]);
    expect(connection['execute']?.({ sql: 'a' }, [5], done)).toBe(3);
    expect(seen).toEqual([[1], undefined, 2, [3], [4], undefined, undefined, [5]]);
  });

  it('forgets them when the driver throws', () => {
    const fault = new TypeError('no undefined');
    const connection: Record<string, Send> = {
      query() {
        throw fault;
      },
    };
    const { seen } = patched(connection, 'query');
    expect(() => connection['query']?.('a', [1])).toThrow(fault);
    expect(seen).toEqual([[1]]);
  });

  it('has values of its own within another one', () => {
    const connection: Record<string, Send> = {
      query: (text) => (text === 'outer' ? [connection['query']?.('inner', [2]), noteBindValues('x')] : text),
    };
    const { seen } = patched(connection, 'query');
    expect(connection['query']?.('outer', [1])).toEqual(['inner', [1]]);
    expect(seen).toEqual([[1], [2]]);
  });

  it('reaches the driver when its values cannot be read', () => {
    const connection: Record<string, Send> = { query: () => 'sent' };
    const { seen } = patched(connection, 'query');
    const query = {
      get values(): never {
        throw new Error('canary');
      },
    };
    expect(connection['query']?.(query)).toBe('sent');
    expect(seen).toEqual([NOTHING_NOTED]);
    expect(lines).toHaveLength(1);
  });

  it('keeps the name and the length of the function, and goes when it is unpatched', () => {
    const execute = function execute(_sql: unknown, _values: unknown, _callback: unknown): void {};
    const connection: Record<string, Send> = { execute, end: () => 'ended' };
    const { end } = connection;
    const instrumentation = patched(connection, 'execute');
    expect([connection['execute']?.name, connection['execute']?.length, connection['end']]).toEqual([
      'execute',
      3,
      end,
    ]);
    (instrumentation as unknown as { _unwrap(target: object, name: string): void })._unwrap(connection, 'execute');
    expect(connection['execute']).toBe(execute);
  });

  it('calls the driver alone once it is switched off', () => {
    const connection: Record<string, Send> = { query: () => 'sent' };
    const instrumentation = new Mysql2Like();
    noteMysqlBindValues([instrumentation], new FaultLog(new FakeClock(0), new DropCounters(), () => {}));
    const patches = makeSwitchable(
      [instrumentation],
      () => {},
      () => undefined,
    );
    instrumentation.patch(connection, 'query');
    expect([connection['query']?.('a', [1]), instrumentation.seen]).toEqual(['sent', [[1]]]);
    patches.off();
    expect([connection['query']?.('a', [2]), instrumentation.seen]).toEqual(['sent', [[1]]]);
  });
});
