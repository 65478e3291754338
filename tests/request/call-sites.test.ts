import { describe, expect, it } from 'vitest';
import { recordLimits } from '../../analysis/record-limits.ts';
import type { AnalyzedRequest, Endpoint } from '../../core/types.ts';
import { CAPTURES_PER_ARMING, MAX_ARMED_SHAPES } from '../../request/call-site-arming.ts';
import { MAX_CAPTURES_PER_REQUEST, type EntryPoint } from '../../request/call-site-entries.ts';
import { CallSites, MAX_ARMED_CAPTURES_PER_SECOND, MAX_CAPTURES_PER_SECOND } from '../../request/call-sites.ts';
import { LiveRequest } from '../../request/live-request.ts';
import { describeKeyValueCommand } from '../../request/call-shapes.ts';
import { describeQuery } from '../../sql/index.ts';
import { FakeClock } from '../../testing/index.ts';
import { closeRequest, openRequest, queryEvent, spanIdOf } from '../analysis/query-event.ts';

const USER = 'SELECT * FROM users WHERE id = $1';
const FILE = 'tests/request/call-sites.test.ts';

/** A process with a clock that a test turns. */
class Process {
  readonly clock = new FakeClock(0);
  readonly sites = new CallSites(this.clock);

  open(): Request {
    return new Request(this.sites);
  }
}

/** A request that enters a statement and ends it after a while. */
class Request {
  readonly live: LiveRequest;
  #id = 0;
  #endMs = 0;

  constructor(callSites: CallSites) {
    this.live = new LiveRequest({ ...openRequest().start, limits: recordLimits({}), callSites });
  }

  query(text: string, { points = ['driver'] as readonly EntryPoint[], durationMs = 2 } = {}): void {
    for (const point of points) this.live.enter(text, 'postgresql', point);
    const { fingerprint, summary, kind } = describeQuery(text, 'postgresql');
    const id = ++this.#id;
    const startMs = this.#endMs;
    this.#endMs += durationMs;
    this.live.addQuery({
      ...queryEvent({ id, text, summary, kind, startMs, durationMs, parametersHash: id }),
      fingerprint,
    });
  }

  close(): AnalyzedRequest {
    return closeRequest(this.live, this.#endMs + 1);
  }
}

function loop(request: Request, text: string, times: number): void {
  for (let n = 0; n < times; n++) request.query(text);
}

describe('the line behind a finding', () => {
  it('is taken at the third repeat of a shape and read when a finding needs it', () => {
    const { sites, open } = bound(new Process());
    const request = open();
    function listOrders(): void {
      for (let n = 0; n < 6; n++) request.live.enter(USER, 'postgresql', 'pool');
    }
    listOrders();
    for (let n = 0; n < 6; n++) request.query(USER, { points: [] });
    expect(sites.statistics).toMatchObject({ captured: 1, located: 0 });
    const { groups, findings } = request.close();
    expect(sites.statistics).toMatchObject({ captured: 1, located: 1 });
    // The test runner compiles in memory: exact lines are looked at in processes of their own.
    expect(groups[0]?.callSite).toMatchObject({ file: FILE, functionName: 'listOrders' });
    expect(findings[0]).toMatchObject({ kind: 'n-plus-one', evidence: { callSite: groups[0]?.callSite } });
  });

  it('costs a healthy request nothing', () => {
    const { sites, open } = bound(new Process());
    for (const texts of [[], [USER], [USER, USER], [USER, USER, 'SELECT 1 FROM a', 'SELECT 1 FROM b', 'BEGIN']]) {
      const request = open();
      for (const text of texts) request.query(text);
      request.close();
    }
    expect(sites.statistics).toEqual({ captured: 0, refused: 0, located: 0, armed: 0 });
  });

  it('is not written out when nothing was found', () => {
    const { sites, open } = bound(new Process());
    const request = open();
    loop(request, USER, 4);
    expect(request.close().findings).toEqual([]);
    expect(sites.statistics).toMatchObject({ captured: 1, located: 0 });
  });

  it('is not asked of BEGIN and COMMIT', () => {
    const { sites, open } = bound(new Process());
    const request = open();
    loop(request, 'BEGIN', 6);
    expect(sites.statistics.captured).toBe(0);
  });

  it('counts a query by each way in: one that passes a pool and a driver is one', () => {
    const { sites, open } = bound(new Process());
    const request = open();
    for (let n = 0; n < 2; n++) request.query(USER, { points: ['pool', 'driver'] });
    expect(sites.statistics.captured).toBe(0);
    for (let n = 0; n < 9; n++) request.query(USER, { points: ['pool', 'driver'] });
    expect(sites.statistics.captured).toBe(1);
  });

  it('counts calls when they enter: all of a Promise.all before one of them ends', () => {
    const { sites, open } = bound(new Process());
    const { live } = open();
    for (let n = 0; n < 6; n++) live.enter(USER, 'postgresql', 'pool');
    expect(live.queryCount).toBe(0);
    expect(sites.statistics.captured).toBe(1);
  });

  it('is not looked for in statements too long to be remembered: their shape would be read anew each time', () => {
    const { sites, open } = bound(new Process());
    const long = (length: number): string => `${USER} AND name <> '`.padEnd(length - 1, 'x') + "'";
    for (const [length, captured] of [
      [8193, 0],
      [8192, 1],
    ] as const) {
      const { live } = open();
      for (let n = 0; n < 6; n++) live.enter(long(length), 'postgresql', 'driver');
      expect(sites.statistics.captured).toBe(captured);
    }
  });

  it('is not looked for after the request', () => {
    const { sites, open } = bound(new Process());
    const request = open();
    request.close();
    for (let n = 0; n < 6; n++) request.live.enter(USER, 'postgresql', 'driver');
    expect(sites.statistics.captured).toBe(0);
  });

  it('leaves findings as they are where nobody looks for it', () => {
    const request = openRequest();
    for (let id = 1; id <= 6; id++) {
      request.enter(USER, 'postgresql', 'driver');
      request.addQuery(queryEvent({ id, startMs: 2 * id, parametersHash: id }));
    }
    const { groups, findings } = closeRequest(request);
    expect(findings.map(({ kind }) => kind)).toContain('n-plus-one');
    expect(groups[0]?.callSite).toBeUndefined();
  });
});

describe('two loops that differ in their keys alone', () => {
  it('have each its own line', () => {
    const { live } = new Process().open();
    let id = 0;
    const send = (key: string): void => {
      const shape = describeKeyValueCommand(`GET ${key}`, 'redis');
      if (shape === undefined) throw new Error('GET is a command');
      const spanId = spanIdOf(++id);
      const times = { startMs: 2 * id, durationMs: 2 };
      live.addCall({ type: 'kv', spanId, system: 'redis', ...shape, client: undefined, ...times, failed: false });
    };
    function users(): void {
      for (let n = 0; n < 12; n++) {
        live.enter(`GET user:${n}`, 'redis', 'kv', spanIdOf(id + 1));
        send(`user:${n}`);
      }
    }
    function carts(): void {
      for (let n = 0; n < 15; n++) {
        live.enter(`GET cart:${n}`, 'redis', 'kv', spanIdOf(id + 1));
        send(`cart:${n}`);
      }
    }
    users();
    carts();
    const { calls, findings } = closeRequest(live);
    expect(calls.map(({ count }) => count)).toEqual([12, 15]);
    expect(findings[0]).toMatchObject({ kind: 'n-plus-one-kv', evidence: { callSite: { functionName: 'carts' } } });
  });
});

describe('the budget', () => {
  it(`is ${MAX_CAPTURES_PER_REQUEST} stacks a request`, () => {
    const { sites, open } = bound(new Process());
    const request = open();
    for (let n = 0; n < 8; n++) loop(request, `SELECT a FROM t${n} WHERE id = $1`, 6);
    expect(sites.statistics).toMatchObject({ captured: MAX_CAPTURES_PER_REQUEST, refused: 0 });
    expect(request.close().groups.filter(({ callSite }) => callSite !== undefined)).toHaveLength(5);
  });

  it(`is ${MAX_CAPTURES_PER_SECOND} stacks a second; what is over it is counted, and the next second has its own`, () => {
    const { sites, clock, open } = bound(new Process());
    for (let n = 0; n < 25; n++) loop(open(), USER, 6);
    expect(sites.statistics).toMatchObject({ captured: 20, refused: 5 });
    clock.advance(999);
    loop(open(), USER, 6);
    expect(sites.statistics).toMatchObject({ captured: 20, refused: 6 });
    clock.advance(1);
    loop(open(), USER, 6);
    expect(sites.statistics).toMatchObject({ captured: 21, refused: 6 });
  });

  it('over it, a finding names the line that an earlier request of the endpoint showed', () => {
    const { sites, open } = bound(new Process());
    const first = open();
    loop(first, USER, 6);
    const { callSite } = first.close().groups[0] ?? {};
    expect(callSite).toBeDefined();
    for (let n = 0; n < 19; n++) loop(open(), 'SELECT a FROM b', 3);
    const later = open();
    loop(later, USER, 6);
    expect(sites.statistics.refused).toBe(1);
    expect(later.close().groups[0]?.callSite).toEqual(callSite);
  });
});

describe('a shape that was found fault with and does not repeat', () => {
  const slow = (request: Request, text = USER): void => request.query(text, { durationMs: 300 });

  it('has its line the second time', () => {
    const { sites, open } = bound(new Process());
    const first = open();
    slow(first);
    const [finding] = first.close().findings;
    expect(finding).toMatchObject({ kind: 'slow-query' });
    expect(finding?.evidence.callSite).toBeUndefined();
    expect(sites.statistics).toMatchObject({ captured: 0, armed: 1 });
    const second = open();
    slow(second);
    expect(second.close().findings[0]?.evidence.callSite).toMatchObject({ file: FILE });
    expect(sites.statistics).toMatchObject({ captured: 1, armed: 0 });
  });

  it('keeps it: the third time no stack is taken', () => {
    const { sites, open } = bound(new Process());
    for (let n = 0; n < 3; n++) {
      const request = open();
      slow(request);
      expect(request.close().findings[0]?.evidence.callSite === undefined).toBe(n === 0);
    }
    expect(sites.statistics.captured).toBe(1);
  });

  it('does not have the stack of other shapes taken', () => {
    const { sites, open } = bound(new Process());
    const first = open();
    slow(first);
    first.close();
    const second = open();
    for (const table of ['a', 'b', 'c', 'd']) second.query(`SELECT 1 FROM ${table}`);
    second.close();
    expect(sites.statistics).toMatchObject({ captured: 0, armed: 1 });
  });

  it(`is given up after ${CAPTURES_PER_ARMING} stacks without a line`, () => {
    const { sites, clock } = bound(new Process());
    const shape = 'shape';
    for (let n = 0; n < 40; n++) {
      clock.advance(1000);
      sites.arm(shape);
      const stack = sites.isArmed(shape) ? sites.capture('armed') : undefined;
      if (stack !== undefined) sites.locate({ sync: {}, awaiting: undefined }, 'GET /' as Endpoint, shape);
    }
    expect(sites.statistics).toMatchObject({ captured: CAPTURES_PER_ARMING, armed: 0 });
    expect(sites.hasArmed).toBe(false);
  });

  it('stays armed through requests in which nothing was found', () => {
    const { sites, clock, open } = bound(new Process());
    const first = open();
    slow(first);
    first.close();
    for (let n = 0; n < 3 * CAPTURES_PER_ARMING; n++) {
      clock.advance(1000);
      const fast = open();
      fast.query(USER);
      expect(fast.close().findings).toEqual([]);
    }
    expect(sites.statistics.captured).toBe(3 * CAPTURES_PER_ARMING);
    clock.advance(1000);
    const later = open();
    slow(later);
    expect(later.close().findings[0]?.evidence.callSite).toMatchObject({ file: FILE });
  });

  it(`takes ${MAX_ARMED_CAPTURES_PER_SECOND} stacks a second at most: the others are for repeats`, () => {
    const { sites, open } = bound(new Process());
    const first = open();
    slow(first);
    first.close();
    for (let n = 0; n < 30; n++) open().query(USER);
    expect(sites.statistics).toMatchObject({ captured: 10, refused: 20 });
    for (let n = 0; n < 15; n++) loop(open(), 'SELECT a FROM b WHERE id = $1', 3);
    expect(sites.statistics).toMatchObject({ captured: 20, refused: 25 });
  });

  it(`is one of the last ${MAX_ARMED_SHAPES}`, () => {
    const { sites } = bound(new Process());
    for (let n = 0; n < 1000; n++) sites.arm(`shape ${n}`);
    expect(sites.statistics.armed).toBe(MAX_ARMED_SHAPES);
    expect(sites.isArmed('shape 935')).toBe(false);
    expect(sites.isArmed('shape 936')).toBe(true);
  });
});

describe('a line through which several shapes pass', () => {
  it('is a helper: from its second shape on, its caller is named', () => {
    const { sites } = bound(new Process());
    const send = (request: Request, text: string): void => request.live.enter(text, 'postgresql', 'driver');
    const callers = {
      first: (request: Request) => send(request, 'SELECT a FROM first WHERE id = $1'),
      second: (request: Request) => send(request, 'SELECT a FROM second WHERE id = $1'),
      third: (request: Request) => send(request, 'SELECT a FROM third WHERE id = $1'),
    };
    const named = Object.entries(callers).map(([table, caller]) => {
      const request = new Request(sites);
      for (let n = 0; n < 6; n++) caller(request);
      for (let n = 0; n < 6; n++) request.query(`SELECT a FROM ${table} WHERE id = $1`, { points: [] });
      return request.close().groups[0]?.callSite?.functionName;
    });
    expect(named).toEqual(['send', 'second', 'third']);
  });
});

function bound(of: Process): { sites: CallSites; clock: FakeClock; open: () => Request } {
  return { sites: of.sites, clock: of.clock, open: () => of.open() };
}
