import { describe, expect, it } from 'vitest';
import { headToHead } from '../../bench/overhead/lib/head-to-head.ts';
import { summarize } from '../../bench/overhead/lib/summarize.ts';
import { summaryTables } from '../../bench/overhead/lib/tables.ts';
import type { Variant } from '../../bench/overhead/lib/variants.ts';
import { appRun, everywhere } from './app-run.ts';

const none: Variant = { name: 'none', title: '', pairedWith: 'none' };
const tool: Variant = { name: 'tool', title: '', pairedWith: 'none' };
const sampling: Variant = { ...tool, isSampling: true };

describe('summarize', () => {
  it('takes each round off the run of the same round, in whatever order they ran', () => {
    // The machine slows down by a factor of four over the rounds; the tool adds 10, 20 and 60 to them.
    const runs = [
      appRun('tool', 2, everywhere(220), { spans: 1 }),
      appRun('none', 1, everywhere(100)),
      appRun('none', 3, everywhere(400)),
      appRun('tool', 1, everywhere(110), { spans: 1 }),
      appRun('tool', 3, everywhere(460), { spans: 1 }),
      appRun('none', 2, everywhere(200)),
    ];
    const [ofNone, ofTool] = summarize(runs, [none, tool]);
    expect(ofTool).toMatchObject({ rounds: 3, bytesPerSpan: 200, hasLostSpans: false });
    expect(ofTool?.routes.user).toEqual({
      cpuUs: { median: 220, deviation: 110 },
      addedUs: { median: 20, deviation: 10 },
      spans: 1,
    });
    // 1.1, 1.1 and 1.15
    expect(ofTool?.ratioToNone).toBeCloseTo(1.1, 9);
    expect(ofNone?.ratioToNone).toBe(1);
    expect(ofNone?.routes.user.addedUs.median).toBeNaN();
  });

  it('does not mix frameworks, and leaves out rounds without a pair', () => {
    const runs = [
      appRun('none', 1, everywhere(100)),
      appRun('tool', 1, everywhere(130)),
      appRun('tool', 2, everywhere(900)),
      appRun('none', 2, everywhere(10), { framework: 'fastify' }),
    ];
    const [, ofTool, onFastify] = summarize(runs, [none, tool]);
    expect(ofTool?.routes.healthz.addedUs).toEqual({ median: 30, deviation: 0 });
    expect(onFastify).toMatchObject({ framework: 'fastify', variant: none, rounds: 1 });
  });

  it('tells what a further query adds', () => {
    const runs = [
      appRun('none', 1, { healthz: 100, user: 200, meetings: 300, nplus1: 2000 }),
      appRun('tool', 1, { healthz: 150, user: 300, meetings: 500, nplus1: 2600 }),
    ];
    // 600 for 21 queries, 100 for one: 500 for 20.
    expect(summarize(runs, [tool])[0]?.addedUsPerFurtherQuery).toBe(25);
  });

  it('takes the geometric mean of the routes for the ratio of all', () => {
    const runs = [
      appRun('none', 1, everywhere(100)),
      appRun('tool', 1, { healthz: 100, user: 200, meetings: 400, nplus1: 800 }),
    ];
    expect(summarize(runs, [tool])[0]?.ratioToNone).toBeCloseTo(Math.sqrt(8), 9);
  });

  it('says when spans were lost in a round, but not of a tool that samples', () => {
    const runs = [appRun('tool', 1, everywhere(100), { spans: 4 }), appRun('tool', 2, everywhere(100), { spans: 3.9 })];
    expect(summarize(runs, [tool])[0]?.hasLostSpans).toBe(true);
    expect(summarize(runs, [sampling])[0]?.hasLostSpans).toBe(false);
    expect(summaryTables(summarize(runs, [tool]))).toContain('Spans were lost in some rounds');
  });
});

it('shows what was measured, and no column of what did not run', () => {
  const runs = [appRun('none', 1, everywhere(100)), appRun('tool', 1, { ...everywhere(80), user: 350 }, { spans: 2 })];
  const lines = summaryTables(summarize(runs, [none, tool])).split('\n');
  expect(lines[0]).toBe('**Express 5 and pg**');
  expect(lines[2]).toContain('CPU to none');
  expect(lines[2]).not.toContain('CPU to otel-plain');
  expect(cellsOf(lines[4])).toEqual(['none', ...Array(4).fill('100 in all (0.0)'), '', '1.00', '100', '100', '', '1']);
  expect(cellsOf(lines[5]).slice(0, 6)).toEqual([
    'tool',
    '−20 ±0 (2.0)',
    '+250 ±0 (2.0)',
    '−20 ±0 (2.0)',
    '−20 ±0 (2.0)',
    '−14',
  ]);
});

it('counts the rounds that a variant won on each route, and compares what is added', () => {
  const runs = [
    appRun('none', 1, everywhere(100)),
    appRun('ours', 1, { ...everywhere(110), user: 150 }),
    appRun('theirs', 1, everywhere(140)),
    appRun('none', 2, everywhere(200)),
    appRun('ours', 2, { ...everywhere(220), user: 300 }),
    appRun('theirs', 2, everywhere(240)),
    // Without its counterpart: no duel.
    appRun('ours', 3, everywhere(1)),
  ];
  const [duel, ...others] = headToHead(runs, 'ours', ['theirs', 'absent']);
  expect(others).toEqual([]);
  expect(duel).toMatchObject({ framework: 'express', variant: 'ours', peer: 'theirs', rounds: 2 });
  // 10/40 and 20/40; 50/40 and 100/40
  expect(duel?.routes.healthz).toEqual({ won: 2, addedRatio: 0.375 });
  expect(duel?.routes.user).toEqual({ won: 0, addedRatio: 1.875 });
});

function cellsOf(line: string | undefined): readonly string[] {
  return (line ?? '')
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
