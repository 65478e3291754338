import { close, constants, fstat, fstatSync, open, openSync, stat, write, writeSync, type BigIntStats } from 'node:fs';
import { promisify } from 'node:util';
import type { Clock } from '../core/clock.ts';
import { codeOf, type RequestLogTarget } from './request-log-target.ts';

/** How long lines may still go to a file that was moved away. */
export const REOPEN_CHECK_MS = 5000;
/** A pipe without a reader refuses to open instead of waiting for one; a full one refuses bytes instead of blocking. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
/** What the log says of the traffic is not for every user of the machine. */
const MODE = 0o640;
const NEWLINE = 10;

const openFile = promisify(open);
const fileStat = promisify(fstat);
const pathStat = promisify(stat);
const writeFile = promisify(write);

/**
 * The file that the request log is appended to: opened by the first write, opened anew when its path leads to another file or to
 * none, which is looked at every 5 seconds before a write. After an error it is closed, and the next write opens it again.
 * All of it runs on Node's pool of threads, except for `writeNow`.
 */
export class RequestLogFile implements RequestLogTarget {
  readonly name: string;
  readonly #clock: Clock;
  #descriptor: number | undefined;
  #identity: Pick<BigIntStats, 'dev' | 'ino'> | undefined;
  #checkedAtMs = 0;
  /** The last byte that was taken is within a line: its rest belongs to the same file. */
  #isWithinLine = false;
  #state: 'idle' | 'preparing' | 'writing' | 'called off' = 'idle';
  /** Of the last write. */
  #handedOverCount = 0;
  #isClosed = false;

  constructor(path: string, clock: Clock) {
    this.name = path;
    this.#clock = clock;
  }

  async write(bytes: Uint8Array): Promise<number> {
    this.#state = 'preparing';
    this.#handedOverCount = 0;
    try {
      const descriptor = await this.#current();
      if (this.#isCalledOff()) return 0;
      this.#state = 'writing';
      this.#handedOverCount = bytes.length;
      const { bytesWritten } = await writeFile(descriptor, bytes);
      this.#handedOverCount = bytesWritten;
      return this.#took(bytes, bytesWritten);
    } catch (thrown) {
      this.#handedOverCount = 0;
      if (codeOf(thrown) === 'EAGAIN') return 0;
      this.#letGo();
      throw thrown;
    } finally {
      this.#state = 'idle';
      if (this.#isClosed) this.#letGo();
    }
  }

  callOff(): number {
    if (this.#state === 'preparing') this.#state = 'called off';
    return this.#handedOverCount;
  }

  writeNow(bytes: Uint8Array): number {
    try {
      if (this.#descriptor === undefined) {
        const descriptor = openSync(this.name, FLAGS, MODE);
        try {
          refuseDisk(fstatSync(descriptor));
        } catch (thrown) {
          close(descriptor, () => undefined);
          throw thrown;
        }
        this.#descriptor = descriptor;
      }
      return this.#took(bytes, writeSync(this.#descriptor, bytes));
    } catch (thrown) {
      if (codeOf(thrown) === 'EAGAIN') return 0;
      throw thrown;
    }
  }

  close(): void {
    this.#isClosed = true;
    // A descriptor that a thread still writes to is closed when that has come back.
    if (this.#state === 'idle') this.#letGo();
  }

  async #current(): Promise<number> {
    const nowMs = this.#clock.nowMs();
    if (this.#descriptor !== undefined) {
      if (this.#isWithinLine || nowMs - this.#checkedAtMs < REOPEN_CHECK_MS) return this.#descriptor;
      this.#checkedAtMs = nowMs;
      if (!(await this.#isMoved())) return this.#descriptor;
      this.#letGo();
    }
    const descriptor = await openFile(this.name, FLAGS, MODE);
    try {
      const stats = await fileStat(descriptor, { bigint: true });
      refuseDisk(stats);
      this.#identity = { dev: stats.dev, ino: stats.ino };
    } catch (thrown) {
      // The next write opens it again.
      close(descriptor, () => undefined);
      throw thrown;
    }
    this.#checkedAtMs = nowMs;
    this.#descriptor = descriptor;
    return descriptor;
  }

  async #isMoved(): Promise<boolean> {
    try {
      const { dev, ino } = await pathStat(this.name, { bigint: true });
      return dev !== this.#identity?.dev || ino !== this.#identity.ino;
    } catch (thrown) {
      return codeOf(thrown) === 'ENOENT';
    }
  }

  #isCalledOff(): boolean {
    return this.#state === 'called off';
  }

  #took(bytes: Uint8Array, count: number): number {
    if (count > 0) this.#isWithinLine = bytes[count - 1] !== NEWLINE;
    return count;
  }

  #letGo(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    this.#isWithinLine = false;
    // What was written is with the system; there is nothing to do about an error here.
    if (descriptor !== undefined) close(descriptor, () => undefined);
  }
}

/** Lines would overwrite what is on it. */
function refuseDisk(stats: { isBlockDevice(): boolean }): void {
  if (stats.isBlockDevice()) throw Object.assign(new Error('a block device'), { code: 'ENOTSUP' });
}
