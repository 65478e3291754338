import { writeSync } from 'node:fs';

const STDERR = 2;
const PAUSE_MS = 5;

/**
 * Writes to standard error at once and past `process.stderr`: a stream whose reader has gone says so later, by an 'error' event
 * that ends the application. A full pipe is waited for until `waitMsMax` (0: not at all), which stops the whole process.
 * @throws {Error} EPIPE if nobody reads, EAGAIN if the pipe stayed full. Part of the text may then have been written.
 */
export function writeStderr(text: string, waitMsMax = 0): void {
  // Opening the stream makes the pipe one that does not block: a full one is refused, and the application goes on.
  void process.stderr;
  let rest: Uint8Array = Buffer.from(text);
  const deadlineMs = performance.now() + waitMsMax;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(STDERR, rest));
    } catch (thrown) {
      const isFull = thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN';
      if (!isFull || performance.now() >= deadlineMs) throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
