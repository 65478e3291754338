import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DropCounters } from '../../core/drop-counters.ts';
import { FaultLog } from '../../core/fault-log.ts';
import type { AnalyzedRequest, Endpoint } from '../../core/types.ts';
import type { RequestLogTarget } from '../../instrumentation/request-log-target.ts';
import { FLUSH_MS_MAX, MAX_BUFFER_BYTES, MAX_WAIT_MS, RequestLog } from '../../instrumentation/request-log.ts';
import { StderrLog } from '../../instrumentation/stderr-log.ts';
import { drawnRequest, FakeClock } from '../../testing/index.ts';

const quiet = drawnRequest('GET /quiet 3ms');
const numbered = (n: number): AnalyzedRequest => ({ ...quiet, endpoint: `GET /${n}` as Endpoint });

/** What a target does with a write: takes so many bytes, refuses with a code, or never answers. */
type Answer = number | string | 'all' | 'never';

class Target implements RequestLogTarget {
  readonly name = 'the target';
  text = '';
  writeCount = 0;
  closeCount = 0;
  underWay: Uint8Array = new Uint8Array();
  answers: Answer[] = [];
  otherwise: Answer = 'all';

  async write(bytes: Uint8Array): Promise<number> {
    this.writeCount++;
    const answer = this.answers.shift() ?? this.otherwise;
    this.underWay = bytes;
    if (answer === 'never') await new Promise(() => undefined);
    const count = this.#take(bytes, answer);
    this.underWay = bytes.subarray(0, count);
    return count;
  }

  callOff(): number {
    return this.underWay.length;
  }

  writeNow(bytes: Uint8Array): number {
    return this.#take(bytes, this.answers.shift() ?? this.otherwise);
  }

  close(): void {
    this.closeCount++;
  }

  /** The endpoints' numbers, of the lines that are whole. */
  numbers(): number[] {
    return this.text.split('\n').flatMap((line) => {
      try {
        return [Number((JSON.parse(line) as { endpoint: string }).endpoint.slice('GET /'.length))];
      } catch {
        return [];
      }
    });
  }

  #take(bytes: Uint8Array, answer: Answer): number {
    if (typeof answer === 'string' && answer !== 'all') throw Object.assign(new Error('refused'), { code: answer });
    const count = answer === 'all' ? bytes.length : Math.min(Number(answer), bytes.length);
    this.text += Buffer.from(bytes.subarray(0, count)).toString();
    return count;
  }
}

let clock: FakeClock;
let target: Target;
let drops: DropCounters;
let said: string[];
let log: RequestLog;

function open(only: 'all' | 'notable' = 'all'): RequestLog {
  const stderr = new StderrLog(clock, (text) => said.push(text));
  const faults = new FaultLog(clock, drops, (message) => said.push(message));
  return new RequestLog({ target, only, slowRequestMinMs: 1000, drops, faults, log: stderr, clock });
}

/** Adds the requests `from` to `to - 1`. */
function add(from: number, to: number): void {
  for (let n = from; n < to; n++) log.add(numbered(n));
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  clock = new FakeClock();
  target = new Target();
  drops = new DropCounters();
  said = [];
  log = open();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the request log', () => {
  it('writes the lines of a second at once, and has no timer while there is nothing to write', async () => {
    expect(vi.getTimerCount()).toBe(0);
    add(0, 3);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS - 1);
    expect(target.writeCount).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(target.numbers()).toEqual([0, 1, 2]);
    expect(target.writeCount).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('writes 64 KiB without waiting', async () => {
    add(0, 1000);
    await vi.advanceTimersByTimeAsync(0);
    expect(target.writeCount).toBeGreaterThan(0);
    expect(target.text.length).toBeGreaterThanOrEqual(65_536);
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS);
    expect(target.numbers()).toEqual(range(0, 1000));
  });

  it('writes lines that come while others are being written, without a further one', async () => {
    target.answers = [0];
    add(0, 1);
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS);
    add(1, 2);
    await vi.advanceTimersByTimeAsync(3 * MAX_WAIT_MS);
    expect(target.numbers()).toEqual([0, 1]);
  });

  it('has one write under way at a time', async () => {
    target.otherwise = 'never';
    add(0, 2000);
    await vi.advanceTimersByTimeAsync(10 * MAX_WAIT_MS);
    expect(target.writeCount).toBe(1);
  });

  it('has lines for notable requests alone when it is asked to', async () => {
    log = open('notable');
    add(0, 10);
    log.add({ ...numbered(10), failed: true });
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS);
    expect(target.numbers()).toEqual([10]);
  });

  it('puts lines together that were taken in parts', async () => {
    target.answers = [10, 1, 0, 300];
    add(0, 20);
    await vi.advanceTimersByTimeAsync(2 * MAX_WAIT_MS);
    expect(target.numbers()).toEqual(range(0, 20));
    expect(drops.toJson()).toEqual({});
  });

  it('asks a full target again after 10 ms, 20 ms and so on, once a second in the end', async () => {
    target.otherwise = 0;
    add(0, 1);
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS);
    const countAfter = async (ms: number): Promise<number> => {
      await vi.advanceTimersByTimeAsync(ms);
      return target.writeCount;
    };
    expect([await countAfter(0), await countAfter(10), await countAfter(20), await countAfter(40)]).toEqual([
      1, 2, 3, 4,
    ]);
    await countAfter(10_000);
    const before = target.writeCount;
    expect(await countAfter(10 * MAX_WAIT_MS)).toBe(before + 10);
  });
});

describe('a line that is not written', () => {
  it('is counted when the buffer is full; what is kept has a bound, and what is kept and lost is what came', () => {
    target.otherwise = 'never';
    for (let n = 0; n < 100_000; n++) log.add(numbered(n));
    const full = drops.count('request_log_full');
    expect(full).toBeGreaterThan(80_000);
    expect(said).toHaveLength(1);
    expect(said[0]).toBe(
      'slowpath: the target does not keep up with the request log. request log lines lost: 1 request_log_full.\n',
    );
    // A line has more than 150 bytes.
    expect(100_000 - full).toBeLessThan(MAX_BUFFER_BYTES / 150);
    clock.advance(FLUSH_MS_MAX);
    log.finish();
    expect(full + drops.count('request_log_failed')).toBe(100_000);
  });

  it('is counted when the target refuses it, with one line a minute for each code', async () => {
    target.otherwise = 'ENOSPC';
    for (let second = 0; second < 119; second++) {
      if (second === 30) target.otherwise = 'EACCES';
      add(0, 5);
      await vi.advanceTimersByTimeAsync(MAX_WAIT_MS);
      clock.advance(MAX_WAIT_MS);
    }
    expect(drops.toJson()).toEqual({ request_log_failed: 5 * 119 });
    expect(said.map((line) => /\((E[A-Z]+)\)/.exec(line)?.[1])).toEqual(['ENOSPC', 'EACCES', 'EACCES']);
    target.otherwise = 'all';
    add(5, 6);
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS);
    expect(target.numbers()).toEqual([5]);
  });

  it('may be torn when the disk is full; the next one stands on a line of its own', async () => {
    target.answers = [10, 'ENOSPC'];
    add(0, 3);
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS);
    expect(drops.count('request_log_failed')).toBe(3);
    target.answers = [0, 'ENOSPC'];
    add(3, 5);
    await vi.advanceTimersByTimeAsync(2 * MAX_WAIT_MS);
    expect(drops.count('request_log_failed')).toBe(5);
    add(5, 8);
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS);
    expect(target.numbers()).toEqual([5, 6, 7]);
    expect(target.text.split('\n').filter((line) => line !== '')).toHaveLength(4);
    expect(drops.count('request_log_failed')).toBe(5);
  });

  it('is no matter of the application even if the request cannot be read', () => {
    log.add({ ...quiet, endpoint: undefined as unknown as Endpoint });
    expect(drops.toJson()).toEqual({ internal: 1 });
  });
});

describe('the end of the process', () => {
  it('writes what is left', () => {
    add(0, 1000);
    log.finish();
    expect(target.numbers()).toEqual(range(0, 1000));
    expect([drops.toJson(), said, target.closeCount]).toEqual([{}, [], 1]);
    log.finish();
    expect(target.numbers()).toHaveLength(1000);
  });

  it('leaves to the system what is with it, and writes the rest after it', async () => {
    target.otherwise = 'never';
    add(0, 3);
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS);
    add(3, 5);
    target.otherwise = 'all';
    log.finish();
    expect(target.numbers()).toEqual([3, 4]);
    expect(drops.toJson()).toEqual({});
  });

  it('does not touch a target that has not answered for 250 ms: all its lines are lost, and one line says so', async () => {
    target.otherwise = 'never';
    add(0, 3);
    await vi.advanceTimersByTimeAsync(MAX_WAIT_MS);
    add(3, 5);
    clock.advance(FLUSH_MS_MAX);
    target.otherwise = 'all';
    log.finish();
    expect(target.text).toBe('');
    expect(said).toEqual([
      'slowpath: request log lines lost: 5 request_log_failed. Requests were measured all the same.\n',
    ]);
  });

  it('gives a full target 50 ms', () => {
    target.otherwise = 0;
    const writeNow = vi.spyOn(target, 'writeNow').mockImplementation(() => {
      clock.advance(5);
      return 0;
    });
    add(0, 3);
    log.finish();
    expect(writeNow).toHaveBeenCalledTimes(10);
    expect(drops.toJson()).toEqual({ request_log_failed: 3 });
  });

  it('counts what is refused, and says with which code', () => {
    target.otherwise = 'EIO';
    add(0, 3);
    log.finish();
    expect(drops.toJson()).toEqual({ request_log_failed: 3 });
    expect(said.map((line) => line)).toEqual([
      expect.stringContaining('cannot be written to the target (EIO)') as string,
      expect.stringContaining('request log lines lost: 3') as string,
    ]);
  });

  it('counts requests that come after it', () => {
    log.finish();
    add(0, 2);
    expect(drops.toJson()).toEqual({ request_log_failed: 2 });
  });

  it('is held by a flush until the lines are written, and not by one that has nothing to write', async () => {
    await log.flush();
    expect(target.writeCount).toBe(0);
    add(0, 1000);
    await log.flush();
    expect(target.numbers()).toEqual(range(0, 1000));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is held for 250 ms by one that does not end', async () => {
    target.otherwise = 'never';
    add(0, 1);
    let isOver = false;
    const flushed = log.flush().then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(FLUSH_MS_MAX - 1);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await flushed;
    expect(isOver).toBe(true);
  });
});
