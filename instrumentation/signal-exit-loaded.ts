const EMITTER_V4 = Symbol.for('signal-exit emitter');

/**
 * Whether the package `signal-exit` listens to signals. It ends the process if the list holds its own listeners and no other.
 * Versions 2 and 3 keep what they share on `process`, version 4 under a global symbol; all count in it how often they are
 * loaded: https://github.com/tapjs/signal-exit
 */
export function isSignalExitLoaded(): boolean {
  const emitters: unknown[] = [Reflect.get(process, '__signal_exit_emitter__'), Reflect.get(globalThis, EMITTER_V4)];
  return emitters.some(
    (emitter) => typeof emitter === 'object' && emitter !== null && 'count' in emitter && emitter.count !== 0,
  );
}
