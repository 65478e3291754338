import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A file on a disk, open for reading. */
export interface RegularFile {
  /** Bytes. */
  readonly size: number;
  /** As many bytes of the file's end as there are, at most that many. */
  readLast(bytes: number): Buffer;
}

/**
 * Lets `use` read a file; `undefined` for what is none: a pipe, a device, a folder. Those could block the process or never
 * end. Throws what the file system throws.
 */
export function withRegularFile<T>(path: string, use: (file: RegularFile) => T): T | undefined {
  // Opening a pipe waits for its writer otherwise.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return undefined;
    return use({ size: stats.size, readLast: (bytes) => readLast(descriptor, stats.size, bytes) });
  } finally {
    closeSync(descriptor);
  }
}

function readLast(descriptor: number, size: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(Math.min(size, bytes));
  let filled = 0;
  while (filled < buffer.length) {
    const count = readSync(descriptor, buffer, filled, buffer.length - filled, size - buffer.length + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}
