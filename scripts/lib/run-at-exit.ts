const cleanups = new Set<() => void>();
const signals: readonly (readonly [NodeJS.Signals, number])[] = [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
];
const onSignal = new Map(signals.map(([signal, number]) => [signal, () => endBySignal(number)] as const));

/**
 * Runs `cleanup` when this process ends: by itself, by `process.exit`, by an uncaught error, or by SIGHUP, SIGINT or
 * SIGTERM, which end it with exit code 128 + the signal's number. The latest one registered runs first.
 * `cleanup` must be synchronous: nothing asynchronous is awaited while a process exits.
 * Returns a function that takes the registration back. A process ended by SIGKILL runs none of them.
 */
export function runAtExit(cleanup: () => void): () => void {
  if (cleanups.size === 0) {
    process.on('exit', runAll);
    for (const [signal, listener] of onSignal) process.on(signal, listener);
  }
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
    if (cleanups.size > 0) return;
    process.off('exit', runAll);
    for (const [signal, listener] of onSignal) process.off(signal, listener);
  };
}

function endBySignal(number: number): void {
  // Before process.exit, because test runners replace that function by one that throws.
  runAll();
  process.exit(128 + number);
}

function runAll(): void {
  const latestFirst = [...cleanups].toReversed();
  cleanups.clear();
  for (const cleanup of latestFirst) {
    try {
      cleanup();
    } catch (error) {
      // The other cleanups must run all the same, and nobody is left who could catch this.
      process.stderr.write(`Cleaning up failed: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}
