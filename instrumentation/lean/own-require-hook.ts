import type { Instrumentation } from '@opentelemetry/instrumentation';

/** Of the SDK's InstrumentationBase: what it hooks `require` with, one for all instrumentations of a process. */
interface RequireHook {
  readonly constructor: { _instance?: RequireHook | undefined };
}
interface WithRequireHook extends Instrumentation {
  readonly _requireInTheMiddleSingleton?: RequireHook;
}

/** Ours, by the class: CommonJS and ES modules have a copy of it each. */
const own = new Map<RequireHook['constructor'], RequireHook>();

/**
 * Makes instrumentations that do not share their hook of `require` with those of the application. The shared one keeps what
 * it has seen: a module that was loaded between ours and theirs, such as `node:http`, would never be shown to theirs.
 */
export function withOwnRequireHook<Made extends Instrumentation>(make: () => Made): Made {
  const before = new Map([...own].map(([Hook, hook]) => [Hook, swap(Hook, hook)]));
  try {
    const made = make();
    const hook = (made as WithRequireHook)._requireInTheMiddleSingleton;
    if (hook !== undefined && !own.has(hook.constructor)) {
      own.set(hook.constructor, hook);
      // Made just now, unless the application has some already; then it is shared, which does it no harm.
      before.set(hook.constructor, undefined);
    }
    return made;
  } finally {
    for (const [Hook, theirs] of before) Hook._instance = theirs;
  }
}

function swap(Hook: RequireHook['constructor'], hook: RequireHook): RequireHook | undefined {
  const theirs = Hook._instance;
  Hook._instance = hook;
  return theirs;
}
