import { describe, expect, it } from 'vitest';
import { DropCounters } from '../../core/drop-counters.ts';
import { FaultLog } from '../../core/fault-log.ts';
import { FakeClock } from '../../testing/index.ts';

function faultLog(report?: (message: string) => void) {
  const clock = new FakeClock(1000);
  const drops = new DropCounters();
  const lines: string[] = [];
  return { clock, drops, lines, faults: new FaultLog(clock, drops, report ?? ((line) => void lines.push(line))) };
}

describe('the fault log', () => {
  it('says in one line where the fault was, what it was, and that the application was not affected', () => {
    const { faults, lines } = faultLog();
    faults.caught('onEnding', new TypeError('x is undefined'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(
      /^slowpath caught a fault of its own in onEnding \(TypeError at .*fault-log\.test\.ts:\d+:\d+\)?\); the application was not affected$/,
    );
  });

  it('counts every fault as internal', () => {
    const { faults, drops } = faultLog();
    for (let n = 0; n < 7; n++) faults.caught('onEnding', new Error('x'));
    faults.caught('onStart', 'x');
    expect(drops.toJson()).toEqual({ internal: 8 });
  });

  it('reports one fault a minute for each place, and goes on counting', () => {
    const { faults, lines, clock, drops } = faultLog();
    const caught = (code: string): number => {
      faults.caught(code, new Error('x'));
      return lines.length;
    };
    expect(caught('a')).toBe(1);
    expect(caught('a')).toBe(1);
    expect(caught('b')).toBe(2);
    clock.advance(59_999);
    expect(caught('a')).toBe(2);
    clock.advance(1);
    expect(caught('a')).toBe(3);
    expect(caught('a')).toBe(3);
    expect(caught('b')).toBe(4);
    expect(drops.count('internal')).toBe(7);
  });

  it('reports the first fault of a clock that starts at 0', () => {
    const lines: string[] = [];
    const faults = new FaultLog(new FakeClock(0), new DropCounters(), (line) => void lines.push(line));
    faults.caught('a', 1);
    expect(lines).toHaveLength(1);
  });

  it.each([
    ['a string', 'jane@example.org', 'a thrown string'],
    ['null', null, 'a thrown object'],
    ['undefined', undefined, 'a thrown undefined'],
    ['a symbol', Symbol('jane@example.org'), 'a thrown symbol'],
    ['a bigint', 8_675_309n, 'a thrown bigint'],
    ['a plain object', { message: 'jane@example.org' }, 'a thrown object'],
    ['an object without a prototype', Object.create(null), 'a thrown object'],
    ['a frozen error', Object.freeze(new RangeError('jane@example.org')), 'RangeError at '],
    ['an error without a stack', Object.assign(new Error('jane@example.org'), { stack: undefined }), '(Error)'],
    ['an error with an empty stack', Object.assign(new Error('jane@example.org'), { stack: '' }), '(Error)'],
  ])('takes %s, and never repeats what it holds', (_what, thrown, description) => {
    const { faults, lines } = faultLog();
    faults.caught('a', thrown);
    expect(lines[0]).toContain(description);
    expect(lines[0]).not.toMatch(/jane|8675309/);
  });

  it('takes what refuses to be read, and never throws', () => {
    const bomb = (): never => {
      throw new Error('the code of a value was run');
    };
    const bombs: unknown[] = [
      Object.defineProperty(new Error('x'), 'stack', { get: bomb }),
      Object.defineProperty(new Error('x'), 'name', { get: bomb }),
      new Proxy(new Error('x'), { get: bomb, getPrototypeOf: bomb }),
      Object.assign(new Error('x'), { stack: 5 }),
      Object.assign(new Error('x'), { stack: { split: bomb } }),
      { [Symbol.toPrimitive]: bomb, toString: bomb },
    ];
    for (const thrown of bombs) {
      const { faults, lines, drops } = faultLog();
      expect(() => faults.caught('a', thrown)).not.toThrow();
      expect(lines).toHaveLength(1);
      expect(drops.count('internal')).toBe(1);
    }
  });

  it('survives an output that throws, and does not try it again at once', () => {
    let calls = 0;
    const { faults, drops } = faultLog(() => {
      calls++;
      throw new Error('EPIPE');
    });
    expect(() => faults.caught('a', 1)).not.toThrow();
    expect(() => faults.caught('a', 1)).not.toThrow();
    expect(calls).toBe(1);
    expect(drops.count('internal')).toBe(2);
  });

  // The first line of the stack that begins with "at" is taken for a frame, and a message may have such a line.
  it('never repeats a line of the message that looks like a frame', () => {
    const { faults, lines } = faultLog();
    faults.caught('a', new Error('no such user\n    at jane@example.org'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('jane');
  });
});
