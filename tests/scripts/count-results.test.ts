import { describe, expect, it } from 'vitest';
import { countCommand, countResults } from '../../scripts/lib/count-results.ts';

function report(...files: { status: string; tests: string[] }[]): string {
  return JSON.stringify({
    testResults: files.map(({ status, tests }) => ({
      status,
      assertionResults: tests.map((test) => ({ status: test })),
    })),
  });
}

describe('countResults', () => {
  it('counts every test once, over all files', () => {
    const text = report(
      { status: 'passed', tests: ['passed', 'passed'] },
      { status: 'failed', tests: ['passed', 'failed', 'failed'] },
    );
    expect(countResults(text)).toEqual({ passed: 3, failed: 2, skipped: 0 });
  });

  it.each(['skipped', 'pending', 'todo', 'disabled'])('counts a test that is %s as skipped', (status) => {
    const text = report({ status: 'passed', tests: ['passed', status] });
    expect(countResults(text)).toEqual({ passed: 1, failed: 0, skipped: 1 });
  });

  it('counts a file that failed before its tests as one failed test', () => {
    const text = report({ status: 'failed', tests: [] }, { status: 'passed', tests: ['passed'] });
    expect(countResults(text)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it.each([
    ['is missing', undefined],
    ['is half-written', '{"testResults": ['],
    ['is no report', '"ok"'],
  ])('counts a run whose report %s as one failed test', (_what, text) => {
    expect(countResults(text)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('countCommand', () => {
  const passing = report({ status: 'passed', tests: ['passed'] });
  const failing = report({ status: 'failed', tests: ['failed'] });

  it('adds up the reports of a command', () => {
    expect(countCommand([passing, failing, undefined], 1)).toEqual({ passed: 1, failed: 2, skipped: 0 });
  });

  it('adds a failed test for a command that failed though its tests passed', () => {
    expect(countCommand([passing, passing], 1)).toEqual({ passed: 2, failed: 1, skipped: 0 });
  });

  it('adds none where a failed test says why the command failed', () => {
    expect(countCommand([failing], 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
