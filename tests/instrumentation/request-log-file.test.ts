import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { renameSync, rmSync, statSync, truncateSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REOPEN_CHECK_MS, RequestLogFile } from '../../instrumentation/request-log-file.ts';
import { FakeClock } from '../../testing/index.ts';

let folder: string;
let path: string;
let clock: FakeClock;
let file: RequestLogFile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slowpath-request-log-'));
  path = join(folder, 'requests.ndjson');
  clock = new FakeClock();
  file = new RequestLogFile(path, clock);
});
afterEach(() => {
  file.close();
  rmSync(folder, { recursive: true });
});

const write = (text: string): Promise<number> => file.write(Buffer.from(text));
const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8');

describe('the file of the request log', () => {
  it('is made by the first write, for its owner and group, and appended to by the next process', async () => {
    expect(readdirSync(folder)).toEqual([]);
    expect(await write('{"a":1}\n')).toBe(8);
    expect(statSync(path).mode & 0o777 & ~0o640).toBe(0);
    const next = new RequestLogFile(path, clock);
    await next.write(Buffer.from('{"b":1}\n'));
    next.writeNow(Buffer.from('{"c":1}\n'));
    next.close();
    expect(textOf('requests.ndjson')).toBe('{"a":1}\n{"b":1}\n{"c":1}\n');
  });

  it('is a new one within 5 seconds after it was renamed; no line is lost and none doubled', async () => {
    const sent: string[] = [];
    for (let n = 0; n < 40; n++) {
      if (n % 10 === 5) renameSync(path, `${path}.${n}`);
      sent.push(`{"n":${n}}\n`);
      await write(sent[n] ?? '');
      clock.advance(REOPEN_CHECK_MS / 4);
    }
    const names = readdirSync(folder).toSorted();
    expect(names).toEqual(['.15', '.25', '.35', '.5', ''].map((end) => `requests.ndjson${end}`).toSorted());
    const inOrder = ['.5', '.15', '.25', '.35', ''].map((end) => textOf(`requests.ndjson${end}`));
    expect(inOrder.join('')).toBe(sent.join(''));
    // At most the lines of 5 seconds went to the file that was moved away.
    for (const text of inOrder) expect(text.split('\n').length - 1).toBeLessThanOrEqual(14);
  });

  it.each([
    ['deleted', () => unlinkSync(path)],
    ['replaced', () => (renameSync(path, `${path}.1`), closeSync(openSync(path, 'w')))],
  ])('is opened anew when it was %s, and not looked at before 5 seconds have passed', async (_how, change) => {
    await write('1\n');
    change();
    clock.advance(REOPEN_CHECK_MS - 1);
    await write('2\n');
    expect(readdirSync(folder).includes('requests.ndjson') ? textOf('requests.ndjson') : '').toBe('');
    clock.advance(1);
    await write('3\n');
    expect(textOf('requests.ndjson')).toBe('3\n');
  });

  it('keeps a line together that was begun before it was moved', async () => {
    await write('{"half":');
    renameSync(path, `${path}.1`);
    clock.advance(REOPEN_CHECK_MS);
    await write('1}\n');
    await write('2\n');
    expect([textOf('requests.ndjson.1'), textOf('requests.ndjson')]).toEqual(['{"half":1}\n', '2\n']);
  });

  it('goes on at the start of a file that was copied and truncated', async () => {
    await write('1\n2\n3\n');
    truncateSync(path);
    await write('4\n');
    expect(textOf('requests.ndjson')).toBe('4\n');
  });
});

describe('a path that cannot be written to', () => {
  it('rejects with the code of a folder that is missing, and is written to once the folder is there', async () => {
    file = new RequestLogFile(join(folder, 'missing', 'a.ndjson'), clock);
    await expect(write('1\n')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(() => file.writeNow(Buffer.from('1\n'))).toThrow('ENOENT');
    mkdirSync(join(folder, 'missing'));
    await write('2\n');
    expect(textOf('missing/a.ndjson')).toBe('2\n');
  });

  it.each([
    ['a folder', 'EISDIR', () => tmpdir()],
    ['/dev/full', 'ENOSPC', () => '/dev/full'],
    ['a file below a file', 'ENOTDIR', () => '/dev/null/a'],
  ])('rejects for %s with %s', async (_what, code, where) => {
    file = new RequestLogFile(where(), clock);
    await expect(write('1\n')).rejects.toMatchObject({ code });
    expect(() => file.writeNow(Buffer.from('1\n'))).toThrow(code);
  });

  it('takes a character device', async () => {
    file = new RequestLogFile('/dev/null', clock);
    expect(await write('1\n')).toBe(2);
  });
});

describe('a named pipe', () => {
  beforeEach(() => void execFileSync('mkfifo', [path]));

  it('without a reader refuses at once', async () => {
    await expect(write('1\n')).rejects.toMatchObject({ code: 'ENXIO' });
    expect(() => file.writeNow(Buffer.from('1\n'))).toThrow('ENXIO');
  });

  it('takes what fits, then nothing, and goes on when it is read', async () => {
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const line = Buffer.from(`${'x'.repeat(1023)}\n`);
    let taken = 0;
    for (let count = 1; count > 0; taken += count) count = await file.write(line);
    expect(taken).toBeGreaterThan(4000);
    expect(file.writeNow(line)).toBe(0);
    expect(readSync(reader, Buffer.alloc(8192))).toBe(8192);
    expect(await file.write(line)).toBe(line.length);
    closeSync(reader);
    await expect(file.write(line)).rejects.toMatchObject({ code: 'EPIPE' });
  });
});

describe('a write that is called off', () => {
  it('is not made when the file is still being opened', async () => {
    const written = write('1\n');
    expect(file.callOff()).toBe(0);
    file.writeNow(Buffer.from('2\n'));
    expect(await written).toBe(0);
    expect(textOf('requests.ndjson')).toBe('2\n');
  });

  it('counts as written once it was', async () => {
    await write('1\n');
    expect(file.callOff()).toBe(2);
  });
});
