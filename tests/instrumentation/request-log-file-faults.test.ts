import type * as Fs from 'node:fs';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RequestLogFile } from '../../instrumentation/request-log-file.ts';
import { FakeClock } from '../../testing/index.ts';

type Stats = { isBlockDevice(): boolean };

/** What `fstat` gives in place of the truth: no real file does, on a machine that is sound. */
const fault = vi.hoisted((): { give: (() => Stats) | undefined } => ({ give: undefined }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const fstat = (
    descriptor: number,
    options: Fs.StatOptions,
    done: (error: unknown, stats?: unknown) => void,
  ): void => {
    if (fault.give === undefined) return fs.fstat(descriptor, options, done);
    try {
      done(null, fault.give());
    } catch (thrown) {
      done(thrown);
    }
  };
  const fstatSync = (descriptor: number): Stats => fault.give?.() ?? fs.fstatSync(descriptor);
  return { ...fs, default: fs, fstat, fstatSync };
});

let path: string;
let file: RequestLogFile;

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'slowpath-request-log-')), 'requests.ndjson');
  file = new RequestLogFile(path, new FakeClock());
});

afterEach(() => {
  fault.give = undefined;
  file.close();
  rmSync(join(path, '..'), { recursive: true });
});

/** Descriptors of this process that lead to the file. */
function openCount(): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === path;
    } catch {
      // That of the list itself is gone by now.
      return false;
    }
  }).length;
}

describe.runIf(process.platform === 'linux').each([
  [
    'cannot be looked at',
    'EIO',
    () => ({
      give: (): Stats => {
        throw Object.assign(new Error(), { code: 'EIO' });
      },
    }),
  ],
  ['is a disk', 'ENOTSUP', () => ({ give: (): Stats => ({ isBlockDevice: () => true }) })],
])('a file that %s once it is open', (_what, code, make) => {
  it.each([
    ['at its leisure', (bytes: Uint8Array) => file.write(bytes)],
    ['at the end', (bytes: Uint8Array) => new Promise<number>((resolve) => resolve(file.writeNow(bytes)))],
  ])('is closed by a write %s, and opened by the next one', async (_when, write) => {
    Object.assign(fault, make());
    for (let n = 0; n < 3; n++) await expect(write(Buffer.from('1\n'))).rejects.toMatchObject({ code });
    await vi.waitUntil(() => openCount() === 0);
    fault.give = undefined;
    expect(await write(Buffer.from('2\n'))).toBe(2);
    expect(openCount()).toBe(1);
    expect(readFileSync(path, 'utf8')).toBe('2\n');
  });
});
