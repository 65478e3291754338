import { write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { codeOf, type RequestLogTarget } from './request-log-target.ts';

const STDERR = 2;
/** PIPE_BUF of Linux: a pipe takes so much as one piece or not at all, so that no line of the application's gets in between. */
const PIECE_BYTES = 4096;
const NEWLINE = 10;

const writeBytes = promisify(write);

/** The request log on standard error, past `process.stderr`, whose 'error' event would end the application when its reader goes. */
export class RequestLogStderr implements RequestLogTarget {
  readonly name = 'standard error';
  /** Of the last write. */
  #handedOverCount = 0;

  constructor() {
    // Opening the stream makes the pipe one that does not block: a full one is refused.
    void process.stderr;
  }

  async write(bytes: Uint8Array): Promise<number> {
    const piece = firstPiece(bytes);
    this.#handedOverCount = piece.length;
    try {
      const { bytesWritten } = await writeBytes(STDERR, piece);
      return (this.#handedOverCount = bytesWritten);
    } catch (thrown) {
      this.#handedOverCount = 0;
      if (codeOf(thrown) === 'EAGAIN') return 0;
      throw thrown;
    }
  }

  callOff(): number {
    return this.#handedOverCount;
  }

  writeNow(bytes: Uint8Array): number {
    try {
      return writeSync(STDERR, firstPiece(bytes));
    } catch (thrown) {
      if (codeOf(thrown) === 'EAGAIN') return 0;
      throw thrown;
    }
  }

  close(): void {
    // Standard error is the application's.
  }
}

/** Whole lines, as many as fit; a line that is longer than a piece goes alone. */
function firstPiece(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= PIECE_BYTES) return bytes;
  const end = bytes.lastIndexOf(NEWLINE, PIECE_BYTES - 1);
  return bytes.subarray(0, end === -1 ? bytes.indexOf(NEWLINE) + 1 : end + 1);
}
