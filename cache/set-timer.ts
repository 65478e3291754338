/** Runs `run` once after `delayMs`, unless the returned function is called before. `keepsAlive`: the process waits for it. */
export type SetTimer = (run: () => void, delayMs: number, keepsAlive: boolean) => () => void;

/**
 * The process's timers. What has arrived meanwhile is read before `run`: after the event loop was blocked, timers come first, and
 * an answer that lies there since long would count as late.
 */
export const systemTimer: SetTimer = (run, delayMs, keepsAlive) => {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(run);
  }, delayMs);
  if (!keepsAlive) timer.unref();
  return () => {
    clearTimeout(timer);
    if (immediate !== undefined) clearImmediate(immediate);
  };
};
