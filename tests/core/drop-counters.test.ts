import { describe, expect, it } from 'vitest';
import { DropCounters } from '../../core/drop-counters.ts';

describe('the drop counters', () => {
  it('are 0 for what never occurred, and do not list it', () => {
    const drops = new DropCounters();
    expect(drops.count('queue_full')).toBe(0);
    expect(drops.toJson()).toEqual({});
  });

  it('add up by reason', () => {
    const drops = new DropCounters();
    drops.add('queue_full');
    drops.add('queue_full', 41);
    drops.add('export_failed', 512);
    expect(drops.count('queue_full')).toBe(42);
    expect(drops.count('internal')).toBe(0);
    expect(drops.toJson()).toEqual({ queue_full: 42, export_failed: 512 });
  });

  it('only grow: nothing is no occurrence, and less than nothing is ignored', () => {
    const drops = new DropCounters();
    drops.add('internal', 3);
    for (const count of [0, -1, NaN]) {
      drops.add('internal', count);
      drops.add('queue_full', count);
    }
    expect(drops.toJson()).toEqual({ internal: 3 });
  });

  it('give a copy', () => {
    const drops = new DropCounters();
    drops.add('internal');
    const before = drops.toJson();
    drops.add('internal');
    expect(before).toEqual({ internal: 1 });
  });
});
