import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { adviseLoop } from '../../analysis/advice.ts';
import type { DatabaseClient } from '../../core/types.ts';
import { clientOf } from '../../processors/database-client.ts';
import { SourceMaps } from '../../request/call-site-source-map.ts';
import { readCallPath } from '../../request/call-site-of-stack.ts';
import { codeBlocksOf, read, tableRowsOf } from '../docs/markdown.ts';
import { adviceGroup, CLIENTS, sourceOf } from './advice-group.ts';

const page = read('docs/recommendations.md');
const [, recognised = ''] = page.split('## How the client is recognised');
const rows = tableRowsOf(recognised)
  .filter(([client]) => client !== 'client')
  .map(([client = '', packages = '', scope = '']) => ({
    client: clientNamed(client),
    packages: packages.split(/, | and /).filter((name) => !name.startsWith('others')),
    scope,
  }));

describe('docs/recommendations.md', () => {
  it('shows a recommendation as it is given', () => {
    const said = adviseLoop({
      group: adviceGroup({ client: 'prisma' }),
      parallel: false,
      source: sourceOf('SELECT orders'),
    });
    expect(codeBlocksOf(page)[0]?.text.trim().replaceAll('\n', ' ')).toBe(said);
  });

  it('says of every client how it is recognised', () => {
    expect(rows.map(({ client }) => client).toSorted()).toEqual([...CLIENTS, 'ioredis', 'redis'].toSorted());
  });

  it.each(rows)('names the packages and the scope of $client', ({ client, packages, scope }) => {
    expect(packages.length).toBeGreaterThan(0);
    for (const name of packages) expect(clientOfPackage(name), name).toBe(client);
    if (scope !== '') {
      expect(clientOf({ instrumentationScope: { name: scope } } as ReadableSpan)).toBe(client);
    }
  });
});

/** `mikro-orm` of `MikroORM`. */
function clientNamed(name: string): DatabaseClient {
  return (name === 'MikroORM' ? 'mikro-orm' : name.toLowerCase()) as DatabaseClient;
}

function clientOfPackage(name: string): DatabaseClient | undefined {
  const frame = (file: string) => ({ file, line: 1, column: 1, functionName: undefined });
  const frames = [frame(`/app/node_modules/${name}/index.js`), frame('/app/orders.js')];
  return readCallPath(frames, new SourceMaps(), '/app')?.client;
}
