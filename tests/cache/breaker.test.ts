import { beforeEach, describe, expect, it } from 'vitest';
import { Breaker } from '../../cache/guard/breaker.ts';
import { FakeClock } from '../../testing/fake-clock.ts';

let clock: FakeClock;
let breaker: Breaker;

beforeEach(() => {
  clock = new FakeClock();
  breaker = new Breaker({ clock, probeMs: 1000, maxErrors: 3 });
});

function admitted(): number {
  const ticket = breaker.admit();
  if (ticket === undefined) throw new Error('It was refused.');
  return ticket;
}

describe('a Breaker', () => {
  it('does not wait longer because a call from before it opened fails later', () => {
    const [first, second] = [admitted(), admitted()];
    breaker.failed(first, 'timeout');
    clock.advance(400);
    breaker.failed(second, 'timeout');
    expect(breaker.waitMs()).toBe(600);
    expect(breaker.openedCount).toBe(1);
  });

  it('takes no answer of before for that of the try', () => {
    const before = admitted();
    breaker.failed(admitted(), 'timeout');
    clock.advance(1000);
    const probe = admitted();
    expect(breaker.succeeded(before)).toBe(false);
    breaker.failed(before, 'timeout');
    expect(breaker.state).toBe('probing');
    expect(breaker.succeeded(probe)).toBe(true);
    expect(breaker.state).toBe('closed');
  });

  it('forgets the errors of before when it closes', () => {
    for (let count = 0; count < 3; count++) breaker.failed(admitted(), 'error');
    expect(breaker.state).toBe('open');
    clock.advance(1000);
    breaker.succeeded(admitted());
    for (let count = 0; count < 2; count++) breaker.failed(admitted(), 'error');
    expect(breaker.state).toBe('closed');
  });
});
