import { globSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SETTING_VARIABLES } from '../../core/settings.ts';
import { thresholdSettings } from '../../instrumentation/default-systems.ts';
import { UNREDACTED } from '../../processors/redact-span.ts';
import { read, tableRowsOf } from './markdown.ts';

const page = read('docs/settings.md');
const rows = tableRowsOf(page);
const known = [...SETTING_VARIABLES, ...thresholdSettings.map(({ variable }) => variable)];

describe('docs/settings.md', () => {
  it('names every variable of slowpath, and none that the code does not know', () => {
    const named = new Set(page.match(/\bSLOWPATH_\w*[A-Z]/g));
    expect(known.length).toBeGreaterThan(10);
    expect([...named].toSorted()).toEqual(known.toSorted());
  });

  it.each(known)('has a row of a table for %s', (variable) => {
    expect(rows.filter(([name]) => name === variable)).toHaveLength(1);
  });

  it.each(thresholdSettings)('states the default and the least value of $variable', (threshold) => {
    const [, ...numbers] = rows.find(([name]) => name === threshold.variable) ?? [];
    expect(numbers).toEqual([String(threshold.defaultValue), String(threshold.minValue)]);
  });

  it('names every kind of value that may leave unredacted, and no other', () => {
    const heading = rows.findIndex(([name]) => name === 'name in SLOWPATH_UNREDACTED');
    const kinds = rows.slice(heading + 1, heading + 1 + UNREDACTED.length).map(([name]) => name);
    expect(kinds.toSorted()).toEqual(UNREDACTED.toSorted());
  });

  it('names every standard variable that the code reads', () => {
    const sources = globSync('instrumentation/**/*.ts').map(read);
    const variables = new Set(sources.flatMap((source) => source.match(/'OTEL_[A-Z_]+'/g) ?? []));
    expect(variables.size).toBeGreaterThan(8);
    expect([...variables].filter((variable) => !page.includes(`\`${variable.slice(1, -1)}\``))).toEqual([]);
  });
});

it('no other page names a variable that does not exist', () => {
  // Variables of the tests and of their programs stand in CONTRIBUTING.md alone.
  const pages = ['README.md', 'SECURITY.md', 'CHANGELOG.md', ...globSync('docs/**/*.md')];
  const named = pages.flatMap((file) => (read(file).match(/\bSLOWPATH_\w*[A-Z]/g) ?? []).map((name) => [file, name]));
  expect(named.length).toBeGreaterThan(known.length);
  expect(named.filter(([, name]) => !known.some((variable) => variable === name))).toEqual([]);
});
