import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis } from '../../../scripts/redis.ts';
import { runApp, serverSpan } from '../../support/app-process.ts';
import type { OtlpReceiver, ReceivedSpan } from '../../support/otlp-receiver.ts';
import { startRedisOrSkip } from '../../support/redis-or-skip.ts';

const PREFIX = 'slowpathtest';

const redis = await startRedisOrSkip();

const LOOPS = [
  ['/ioredis/get', 'GET', 'redis.mget(keys)'],
  ['/ioredis/hgetall', 'HGETALL', 'redis.pipeline()'],
  ['/ioredis/hget-buffer', 'HGET', 'redis.pipeline()'],
  ['/ioredis/set', 'SET', 'redis.mset(pairs)'],
  ['/redis/get', 'GET', 'client.mGet(keys)'],
  ['/redis/hgetall', 'HGETALL', 'Promise.all'],
] as const;
const SILENT = ['parallel', 'mget', 'pipeline', 'multi', 'multi-loop', 'one-key', 'scan'].flatMap((name) => [
  `/ioredis/${name}`,
  `/redis/${name}`,
]);

describe.skipIf(redis === undefined)('an application with ioredis and node-redis', () => {
  let receiver: OtlpReceiver;
  let stderr = '';

  beforeAll(async () => {
    const env = { REDIS_URL: redis?.url ?? '', KEY_PREFIX: PREFIX, SLOWPATH_REPORT: 'text' };
    const run = await runApp({ file: 'tests/apps/redis/app.mjs', env }, async (url) => {
      for (const path of [...LOOPS.map(([loop]) => loop), ...SILENT, '/forget']) {
        const response = await fetch(url + path);
        expect({ path, status: response.status, text: await response.text() }).toMatchObject({ status: 200 });
      }
    });
    receiver = run.receiver;
    stderr = run.app.stderr;
  });
  afterAll(() => redis?.stop());

  const kvFindings = (path: string): readonly ReceivedSpan['events'][number][] => {
    const { events } = serverSpan(receiver.traceOf(path));
    return events.filter(({ attributes }) => attributes['slowpath.finding.kind'] === 'n-plus-one-kv');
  };
  const commandsOf = (path: string): readonly ReceivedSpan[] =>
    receiver.traceOf(path).filter(({ attributes }) => attributes['db.system.name'] === 'redis');

  it.each(LOOPS)('finds the loop of %s: %s, and says %s', (path, command, advice) => {
    expect(commandsOf(path)).toHaveLength(15);
    expect(kvFindings(path)).toMatchObject([
      { attributes: { 'slowpath.finding.query': command, 'slowpath.finding.count': 15 } },
    ]);
    const [finding] = kvFindings(path);
    expect(['sequential', 'mixed']).toContain(finding?.attributes['slowpath.finding.mode']);
    expect(finding?.attributes['slowpath.finding.summary']).toContain(`${command} ran 15× with other keys`);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(advice);
  });

  it.each(SILENT)('is silent on %s, whose commands it saw', (path) => {
    expect(commandsOf(path).length).toBeGreaterThan(0);
    expect(kvFindings(path)).toEqual([]);
  });

  it('lets no part of a key out but the prefix of its kind', () => {
    expect(receiver.rawText).toContain(`get ${PREFIX}:?`);
    expect(receiver.rawText).not.toContain('canary');
    expect(stderr).not.toMatch(/canary|slowpathtest/);
  });

  it('finds nothing to complain of in its own work', () => {
    expect(stderr).not.toMatch(/slowpath: .*(?:fault|threw|caught)/i);
  });
});

describe('without a Redis', () => {
  it('says how to get one', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '';
    try {
      await expect(startRedis()).rejects.toThrow(/^redis-server cannot be run\. Install it \(apt-get install redis/);
    } finally {
      process.env['PATH'] = path;
    }
  });
});
