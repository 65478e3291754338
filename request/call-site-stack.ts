import { withErrorProperty } from './with-error-property.ts';

/** As they were at the start: an application may put its own in their place. */
const NativeError = Error;
const { captureStackTrace } = Error;

/** Frames that are kept: those of a driver, an ORM and the wrappers around them, and some of the application's. */
const MAX_FRAMES = 40;

/** A stack as V8 holds it. Nothing of it is written out before `framesOf` asks. */
export interface CapturedStack {
  readonly sync: object;
  /** Of a query that an awaited object of an ORM sent: the functions that await it. Filled a moment later. */
  readonly awaiting: object | undefined;
}

/** A place in code, before source maps. */
export interface StackFrame {
  /** A path or a URL, as V8 names it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly functionName: string | undefined;
}

/** What is called with what an `await` passes to the `then` of an object that is no promise. */
export interface Awaited {
  readonly onFulfilled: unknown;
  readonly onRejected: unknown;
}

let awaited: Awaited | undefined;

/** Runs the `then` of an ORM's object: what is captured meanwhile can tell who awaits it. */
export function whileAwaited<T>(by: Awaited, run: () => T): T {
  const outer = awaited;
  awaited = by;
  try {
    return run();
  } finally {
    awaited = outer;
  }
}

/** Takes the stack of the running code; `undefined` where `Error` is frozen. Some microseconds. Never throws. */
export function captureStack(): CapturedStack | undefined {
  try {
    const sync = capture();
    return sync && { sync, awaiting: awaited && captureAwaiting(awaited) };
  } catch {
    // The stack is nearly full, or somebody guards `Error`: then there is no line.
    return undefined;
  }
}

/**
 * The frames with a file, innermost first, async callers behind them. The application's `Error.prepareStackTrace` is not
 * called, and none of its functions runs.
 */
export function framesOf(stack: CapturedStack): readonly StackFrame[] {
  return stack.awaiting === undefined ? read(stack.sync) : [...read(stack.sync), ...read(stack.awaiting)];
}

function capture(): object | undefined {
  const holder = {};
  return withErrorProperty('stackTraceLimit', MAX_FRAMES, () => {
    captureStackTrace.call(NativeError, holder, captureStack);
    return holder;
  });
}

/**
 * `await` calls the `then` of an object that is no promise from a microtask of its own, from which V8 follows no one. It does
 * follow an async function to whoever its promise is handed to. So one is handed to the same callbacks: it takes the stack
 * and then stays pending, so that the callbacks are never called by it; nothing refers to it any more.
 */
function captureAwaiting({ onFulfilled, onRejected }: Awaited): object {
  const holder = {};
  const probe = async (): Promise<never> => {
    try {
      await undefined;
      withErrorProperty('stackTraceLimit', MAX_FRAMES, () => captureStackTrace.call(NativeError, holder));
    } catch {
      // What is thrown here would be handed to the caller as the failure of the query.
    }
    return new Promise<never>(() => undefined);
  };
  void probe().then(onFulfilled as () => void, onRejected as () => void);
  return holder;
}

function read(holder: object): readonly StackFrame[] {
  let sites: readonly NodeJS.CallSite[] = [];
  const keep = (_error: Error, structured: readonly NodeJS.CallSite[]): string => {
    sites = structured;
    return '';
  };
  // V8 formats a stack when it is first read: this reads it.
  withErrorProperty('prepareStackTrace', keep, () => (holder as { stack?: unknown }).stack);
  return sites.flatMap((site) => {
    const [file, line] = [site.getFileName(), site.getLineNumber()];
    if (file === null || line === null || site.isEval() || site.isNative()) return [];
    const functionName = site.getFunctionName() ?? undefined;
    return [{ file, line, column: site.getColumnNumber() ?? 1, functionName }];
  });
}
