import { afterEach, describe, expect, it } from 'vitest';
import { captureStack, framesOf, whileAwaited } from '../../request/call-site-stack.ts';
import { withErrorProperty } from '../../request/with-error-property.ts';

const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
const prepare = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');

afterEach(() => {
  for (const [name, descriptor] of Object.entries({ stackTraceLimit: limit, prepareStackTrace: prepare })) {
    delete (Error as unknown as Record<string, unknown>)[name];
    if (descriptor !== undefined) Object.defineProperty(Error, name, descriptor);
  }
});

function namesIn(stack: ReturnType<typeof captureStack>): readonly (string | undefined)[] {
  return stack === undefined ? [] : framesOf(stack).map(({ functionName }) => functionName);
}

describe('a stack', () => {
  it('has the functions that called, and those that await them', async () => {
    async function inner() {
      await Promise.resolve();
      return captureStack();
    }
    async function outer() {
      return await inner();
    }
    const names = namesIn(await outer()).filter((name) => name !== 'processTicksAndRejections');
    expect(names.slice(0, 2)).toEqual(['inner', 'outer']);
  });

  it('is deeper than the application wants its own', () => {
    Error.stackTraceLimit = 1;
    const deep = (depth: number): ReturnType<typeof captureStack> => (depth === 0 ? captureStack() : deep(depth - 1));
    expect(namesIn(deep(30)).filter((name) => name === 'deep')).toHaveLength(31);
    expect(Error.stackTraceLimit).toBe(1);
  });

  it('has who awaits an object that is no promise', async () => {
    class Builder {
      stack: ReturnType<typeof captureStack>;
      // oxlint-disable-next-line unicorn/no-thenable -- query builders are such objects
      then(onFulfilled: (value: number) => void, onRejected: (reason: unknown) => void): void {
        whileAwaited({ onFulfilled, onRejected }, () => {
          this.stack = captureStack();
          setImmediate(() => onFulfilled(7));
        });
      }
    }
    const builder = new Builder();
    async function user() {
      return (await (builder as unknown as PromiseLike<number>)) + 1;
    }
    // The value comes from the builder alone, and once.
    expect(await user()).toBe(8);
    expect(namesIn(builder.stack)).toContain('user');
    const without = { sync: builder.stack?.sync ?? {}, awaiting: undefined };
    expect(namesIn(without)).not.toContain('user');
  });
});

describe('an application with a captureStackTrace of its own', () => {
  const native = Object.getOwnPropertyDescriptor(Error, 'captureStackTrace') ?? {};
  afterEach(() => void Object.defineProperty(Error, 'captureStackTrace', native));

  /** Awaits an object whose answer comes after everything that the capture does. */
  async function answer(): Promise<number> {
    const builder = {
      // oxlint-disable-next-line unicorn/no-thenable -- query builders are such objects
      then(onFulfilled: (value: number) => void, onRejected: (reason: unknown) => void): void {
        whileAwaited({ onFulfilled, onRejected }, () => {
          captureStack();
          setImmediate(() => onFulfilled(7));
        });
      },
    };
    return await (builder as unknown as PromiseLike<number>);
  }

  it('is not called', async () => {
    let calls = 0;
    Error.captureStackTrace = () => void calls++;
    expect(await answer()).toBe(7);
    expect(calls).toBe(0);
  });

  it('has its queries answered whatever is thrown meanwhile', async () => {
    // Only from the second time on: the first is in the caller's stack, the second in the probe that awaits.
    let times = 0;
    Object.defineProperty(Error, 'stackTraceLimit', { value: 10, writable: true, configurable: true });
    const original = Object.getOwnPropertyDescriptor.bind(Object);
    Object.getOwnPropertyDescriptor = (target: unknown, name: PropertyKey) => {
      if (target === Error && ++times > 1) throw new TypeError('on purpose');
      return original(target, name);
    };
    try {
      expect(await answer()).toBe(7);
      expect(times).toBe(2);
    } finally {
      Object.getOwnPropertyDescriptor = original;
    }
  });
});

describe('a property of Error', () => {
  it.each([
    ['a number', { value: 10, writable: true, enumerable: true, configurable: true }],
    ['absent', undefined],
    ['hidden', { value: 3, writable: true, enumerable: false, configurable: true }],
  ])('that is %s is changed for the moment and put back', (_, descriptor) => {
    delete (Error as Partial<typeof Error>).stackTraceLimit;
    if (descriptor !== undefined) Object.defineProperty(Error, 'stackTraceLimit', descriptor);
    expect(withErrorProperty('stackTraceLimit', 40, () => Error.stackTraceLimit)).toBe(40);
    expect(Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')).toEqual(descriptor);
  });

  it('that is an accessor where Error inherits from is left alone', () => {
    delete (Error as Partial<typeof Error>).prepareStackTrace;
    let sets = 0;
    const accessor = { get: () => undefined, set: () => void sets++, configurable: true };
    // oxlint-disable-next-line eslint/no-extend-native -- the application does
    Object.defineProperty(Function.prototype, 'prepareStackTrace', accessor);
    try {
      expect(
        withErrorProperty(
          'prepareStackTrace',
          () => '',
          () => 'ran',
        ),
      ).toBeUndefined();
      expect(sets).toBe(0);
    } finally {
      delete (Function.prototype as unknown as Record<string, unknown>)['prepareStackTrace'];
    }
  });

  it('is put back when what runs throws', () => {
    Error.stackTraceLimit = 7;
    const failing = () =>
      withErrorProperty('stackTraceLimit', 40, () => {
        throw new TypeError('on purpose');
      });
    expect(failing).toThrow('on purpose');
    expect(Error.stackTraceLimit).toBe(7);
  });

  it.each([
    ['is an accessor', { get: () => 10, configurable: true }],
    ['is read-only', { value: 10, writable: false, configurable: true }],
  ])('that %s stays, and no stack is taken', (_, descriptor) => {
    Object.defineProperty(Error, 'stackTraceLimit', descriptor);
    expect(captureStack()).toBeUndefined();
    expect(Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')).toMatchObject(descriptor);
  });
});
