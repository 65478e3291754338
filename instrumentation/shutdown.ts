import type { FaultLog } from '../core/fault-log.ts';
import { SignalPlace, type EndSignal } from './signal-place.ts';

export interface ShutdownOptions {
  /** True while there is something to send. */
  readonly isPending: () => boolean;
  /** Sends it, within a deadline of its own. Never rejects. */
  readonly flush: () => Promise<void>;
  /** Sends it without a deadline and without holding the process: the application ends in its own way. Never rejects. */
  readonly drain: () => Promise<void>;
  /** The very end, synchronous: reports, counts. Called once. */
  readonly finish: () => void;
  readonly faults: FaultLog;
}

/**
 * Sends what is pending when the process ends, and lets it end exactly as it would have without us: a signal that nobody else
 * handles still kills it, an application with a handler of its own keeps control, a natural end is held only for the flush.
 * Returns the removal of all listeners.
 */
export function installShutdown({ isPending, flush, drain, finish, faults }: ShutdownOptions): () => void {
  let isFinished = false;
  const finishOnce = (): void => {
    if (isFinished) return;
    isFinished = true;
    try {
      finish();
    } catch (thrown) {
      faults.caught('the end', thrown);
    }
  };
  let isEnding = false;
  const end = (signal: EndSignal): void => {
    const dieBySignal = (): void => {
      remove();
      finishOnce();
      process.kill(process.pid, signal);
    };
    // A second Ctrl-C means now.
    if (isEnding) {
      dieBySignal();
      return;
    }
    isEnding = true;
    void flush().then(dieBySignal, dieBySignal);
  };
  const onBeforeExit = (): void => {
    // Emitted again when the flush has emptied the loop; then nothing is pending and the process ends.
    if (isPending()) void flush();
  };
  const place = new SignalPlace({ end, drain: () => void drain() }, faults);
  const remove = (): void => {
    place.remove();
    process.removeListener('beforeExit', onBeforeExit);
    process.removeListener('exit', finishOnce);
  };
  place.install();
  process.on('beforeExit', onBeforeExit);
  process.on('exit', finishOnce);
  return remove;
}
