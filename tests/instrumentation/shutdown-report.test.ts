import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppProcess } from '../support/app-process.ts';

const file = 'tests/fixtures/app-shutdown.mjs';
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slowpath-report-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function run(reportFile: string, requestCount: number): Promise<AppProcess> {
  const app = AppProcess.start({
    file,
    env: { OTEL_TRACES_EXPORTER: 'none', SLOWPATH_REPORT: 'json', SLOWPATH_REPORT_FILE: join(folder, reportFile) },
  });
  try {
    const url = await app.url();
    for (let n = 0; n < requestCount; n++) await (await fetch(url)).text();
    await app.end('SIGTERM');
    return app;
  } finally {
    app.kill();
  }
}

function countIn(name: string): number | undefined {
  const report = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { endpoints: { count: number }[] };
  return report.endpoints[0]?.count;
}

describe('a report file', () => {
  it('carries the process id where its name says %p', async () => {
    await Promise.all([run('report-%p.json', 1), run('report-%p.json', 2)]);
    const names = readdirSync(folder);
    expect(names).toEqual([
      expect.stringMatching(/^report-\d+\.json$/) as string,
      expect.stringMatching(/^report-\d+\.json$/) as string,
    ]);
    expect(names.map(countIn).toSorted()).toEqual([1, 2]);
  });

  it('is replaced by the next process that measured requests', async () => {
    await run('report.json', 1);
    await run('report.json', 2);
    expect(countIn('report.json')).toBe(2);
  });

  it('is left alone by a process that measured no request', async () => {
    writeFileSync(join(folder, 'report.json'), 'the report of another process');
    const app = await run('report.json', 0);
    expect(readFileSync(join(folder, 'report.json'), 'utf8')).toBe('the report of another process');
    expect(app.stderr).not.toContain('report');
  });

  it('is written by such a process where there is none', async () => {
    await run('report.json', 0);
    expect(countIn('report.json')).toBeUndefined();
  });
});
