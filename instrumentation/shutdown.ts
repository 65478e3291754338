/** The signals that end a process and that an orchestrator or a terminal sends. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
type EndSignal = (typeof SIGNALS)[number];

export interface ShutdownOptions {
  /** True while there is something to send. */
  readonly isPending: () => boolean;
  /** Sends it, within a deadline of its own. Never rejects. */
  readonly flush: () => Promise<void>;
  /** The very end, synchronous: reports, counts. Called once. */
  readonly finish: () => void;
}

/**
 * Sends what is pending when the process ends, and lets it end exactly as it would have without us: a signal that nobody else
 * handles still kills it, an application with a handler of its own keeps control, a natural end is held only for the flush.
 * Returns the removal of all listeners.
 */
export function installShutdown({ isPending, flush, finish }: ShutdownOptions): () => void {
  let isFinished = false;
  const finishOnce = (): void => {
    if (isFinished) return;
    isFinished = true;
    finish();
  };
  const ending = new Set<EndSignal>();
  const onSignal = (signal: EndSignal): void => {
    if (process.listeners(signal).some((listener) => listener !== onSignal)) {
      // The application decides when to end; what can be sent meanwhile is sent.
      void flush();
      return;
    }
    const dieBySignal = (): void => {
      remove();
      finishOnce();
      process.kill(process.pid, signal);
    };
    // A second Ctrl-C means now.
    if (ending.has(signal)) {
      dieBySignal();
      return;
    }
    ending.add(signal);
    void flush().then(dieBySignal);
  };
  const onBeforeExit = (): void => {
    // Emitted again when the flush has emptied the loop; then nothing is pending and the process ends.
    if (isPending()) void flush();
  };
  const remove = (): void => {
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
    process.removeListener('beforeExit', onBeforeExit);
    process.removeListener('exit', finishOnce);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('beforeExit', onBeforeExit);
  process.on('exit', finishOnce);
  return remove;
}
