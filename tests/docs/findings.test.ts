import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requestDetectors } from '../../analysis/detectors/index.ts';
import { highFrequencyEndpoint } from '../../analysis/high-frequency-endpoint.ts';
import { lowCacheHitRate } from '../../analysis/low-cache-hit-rate.ts';
import { thresholdSettings } from '../../instrumentation/default-systems.ts';
import { drawnRequest } from '../../testing/request-from-trace.ts';
import { codeBlocksOf, read, tableRowsOf } from './markdown.ts';

const requestKinds = requestDetectors.map(({ kind }) => kind);
/** With those that no single request shows. */
const all = [...requestDetectors, highFrequencyEndpoint, lowCacheHitRate];
const kinds = all.map(({ kind }) => kind);

it('every kind of finding has a page, and every page a kind', () => {
  const pages = globSync('docs/findings/*.md').map((file) => basename(file, '.md'));
  expect(kinds.length).toBeGreaterThan(3);
  expect(pages.toSorted()).toEqual(['README', ...kinds].toSorted());
});

it('the index states the thresholds of every kind', () => {
  const rows = tableRowsOf(read('docs/findings/README.md'));
  for (const { kind, defaults } of all) {
    const thresholds = Object.entries(defaults).map(([name, value]) => `${name} ${value}`);
    expect(rows.find(([link]) => link?.startsWith(`[${kind}]`))?.at(-1)).toBe(thresholds.join(', '));
  }
});

describe.each(kinds)('docs/findings/%s.md', (kind) => {
  const page = read(`docs/findings/${kind}.md`);

  it('states its thresholds as they are', () => {
    const rows = tableRowsOf(page).filter(([, , variable]) => variable?.startsWith('SLOWPATH_'));
    const expected = thresholdSettings
      .filter((threshold) => threshold.kind === kind)
      .map(({ name, defaultValue, variable, minValue }) => [name, String(defaultValue), variable, String(minValue)]);
    expect(expected.length).toBeGreaterThan(0);
    expect(rows).toEqual(expected);
  });
});

describe.each(requestKinds)('docs/findings/%s.md', (kind) => {
  const page = read(`docs/findings/${kind}.md`);
  const pictures = codeBlocksOf(page).filter(({ info }) => info.startsWith('trace '));

  it('draws what it finds, and two silences', () => {
    const infos = pictures.map(({ info }) => info);
    expect(infos).toContain(`trace ${kind}`);
    expect(infos.filter((info) => info === 'trace silent').length).toBeGreaterThanOrEqual(2);
    expect(new Set(infos)).toEqual(new Set([`trace ${kind}`, 'trace silent']));
  });

  it.each(pictures)('draws what is true: $info', ({ info, text }) => {
    const found = drawnRequest(text).findings.map((finding) => finding.kind);
    expect(found).toEqual(info === 'trace silent' ? [] : [kind]);
  });
});
