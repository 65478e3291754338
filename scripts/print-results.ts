/**
 * Prints the counts of `.ci/run` by part, and their sum as the last line; ends with exit code 1 unless all passed.
 * Usage: node scripts/print-results.ts <results folder> <exit codes of: npm test, test-all, demo>
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countCommand, type TestCounts } from './lib/count-results.ts';
import type { TestPart } from './lib/test-reporters.ts';

const [folder = '', ...codes] = process.argv.slice(2);
const [unitCode = 1, allCode = 1, demoCode = 1] = codes.map(Number);
const reportsOf = (...parts: TestPart[]): (string | undefined)[] =>
  parts
    .map((part) => join(folder, `${part}.json`))
    .map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined));

const parts: Record<string, TestCounts> = {
  'npm test': countCommand(reportsOf('unit'), unitCode),
  'scripts/test-all.ts': countCommand(reportsOf('lean', 'apps', 'stack'), allCode),
  'npm run demo': { passed: demoCode === 0 ? 1 : 0, failed: demoCode === 0 ? 0 : 1, skipped: 0 },
};
for (const [name, counts] of Object.entries(parts)) console.log(`${name}: ${counted(counts)}`);

const all = Object.values(parts).reduce((sum, counts) => ({
  passed: sum.passed + counts.passed,
  failed: sum.failed + counts.failed,
  skipped: sum.skipped + counts.skipped,
}));
if (all.skipped > 0) console.log('A skipped test reads like a passing one: none may be skipped here.');
console.log(counted(all));
process.exitCode = all.passed > 0 && all.failed === 0 && all.skipped === 0 ? 0 : 1;

function counted({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
