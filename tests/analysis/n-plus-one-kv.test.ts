import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nPlusOneKv } from '../../analysis/detectors/n-plus-one-kv.ts';
import type { Finding } from '../../core/finding.ts';
import type { AnalyzedRequest, CallGroup, DatabaseClient } from '../../core/types.ts';
import { drawnRequest, requestFromTrace } from '../../testing/index.ts';

const findingsIn = (request: AnalyzedRequest): readonly Finding[] => nPlusOneKv.detect(request, nPlusOneKv.defaults);

/** The request of a loop of a command, sent by a client. */
function loopOf(command: string, client: DatabaseClient | undefined, tag = 'redis'): AnalyzedRequest {
  const request = drawnRequest(`GET /feed 100ms\n  ${tag}: ${command} user:# 2ms x12`);
  return { ...request, calls: request.calls.map((group: CallGroup) => ({ ...group, client })) };
}

describe('n-plus-one-kv reports', () => {
  it('a command that runs once per key', () => {
    const request = requestFromTrace`
      GET /feed                    100ms
        redis: HGETALL user:#        2ms  x12`;
    expect(findingsIn(request)).toEqual([
      {
        kind: 'n-plus-one-kv',
        severity: 'warning',
        endpoint: 'GET /feed',
        fingerprint: expect.stringMatching(/^[0-9a-f]{14}$/),
        summary: 'HGETALL ran 12× with other keys (24.0 ms in redis, request 100 ms)',
        recommendation: 'Send the commands in one pipeline.',
        confidence: 0.8,
        savedMs: [22, 22],
        estimate:
          '12 round trips of at least 2.0 ms become one: 22.0 ms less; 22.0 ms when all together take as long as the ' +
          'longest now (2.0 ms).',
        evidence: {
          count: 12,
          totalMs: 24,
          repeatMs: 22,
          spanIds: ['0000000000000002', '0000000000000003', '0000000000000004', '000000000000000d'],
          exampleText: 'HGETALL',
          mode: 'sequential',
          operation: 'read',
        },
      },
    ]);
  });

  it('what would be saved at the least: the round trips of the shortest command', () => {
    const request = requestFromTrace`
      GET /feed                    100ms
        redis: GET user:#            1ms  x5
        redis: GET user:7#           3ms  x5`;
    expect(findingsIn(request)).toMatchObject([{ savedMs: [9, 17] }]);
  });

  it('a loop that is partly parallel as mixed', () => {
    const request = requestFromTrace`
      GET /feed                 100ms
        redis: GET user:#         2ms  x8
        redis: GET user:7#        2ms  x6 at once`;
    expect(findingsIn(request)).toMatchObject([{ evidence: { mode: 'mixed', count: 14 } }]);
  });

  it('names as keys, UUIDs, and keys of one prefix with other fields', () => {
    for (const keys of ['user:a#b:name', 'user:4f1c-#', 'sess-#', 'cart:{#}:items'])
      expect(findingsIn(drawnRequest(`GET /feed 90ms\n  redis: GET ${keys} 2ms x12`))).toHaveLength(1);
    const names = ['jane', 'bob.x', 'ann-marie', 'x@y.io', 'a', 'b', 'c', 'd', 'e', 'f'];
    const lines = names.map((name) => `  redis: GET user:${name} 2ms`);
    expect(findingsIn(drawnRequest(`GET /feed 90ms\n${lines.join('\n')}`))).toHaveLength(1);
  });

  it('keys that nobody wrote as differing, as a mere info', () => {
    const request = requestFromTrace`
      GET /feed                                 100ms
        redis: hgetall [1 other arguments]        2ms  x12`;
    expect(findingsIn(request)).toMatchObject([
      { severity: 'info', confidence: 0.4, summary: expect.stringContaining('with keys that are not known') },
    ]);
  });

  it('a loop of writes one step milder', () => {
    const request = requestFromTrace`
      POST /feed                   100ms
        redis: SET user:#            4ms  x12`;
    expect(findingsIn(request)).toMatchObject([{ severity: 'warning', evidence: { operation: 'write' } }]);
    const reads = requestFromTrace`
      POST /feed                   100ms
        redis: GET user:#            4ms  x12`;
    expect(findingsIn(reads)).toMatchObject([{ severity: 'critical', evidence: { operation: 'read' } }]);
  });

  it('a loop that takes less than 5 % of the request as info', () => {
    const request = requestFromTrace`
      GET /feed                    1000ms
        redis: GET user:#             1ms  x49`;
    expect(findingsIn(request)).toMatchObject([{ severity: 'info' }]);
  });

  it('loops over keys of two kinds once where only their keys tell them apart, the longer one', () => {
    const request = requestFromTrace`
      GET /feed                    200ms
        redis: GET user:#            2ms  x12
        redis: GET order:#           2ms  x20
        redis: GET order:#:lines     2ms  x11`;
    expect(findingsIn(request).map(({ evidence }) => evidence.count)).toEqual([20, 11]);
  });

  it.each([
    [9, 0],
    [10, 1],
  ])('%i commands in %i findings, at the threshold', (count, found) => {
    expect(findingsIn(drawnRequest(`GET /feed 90ms\n  valkey: GET user:# 2ms x${count}`))).toHaveLength(found);
  });

  it.each([
    ['GET', 'ioredis', 'Send one command for all keys: redis.mget(keys).'],
    ['GET', 'redis', 'Send one command for all keys: client.mGet(keys).'],
    ['GET', undefined, 'Send one command for all keys: MGET.'],
    ['DEL', 'ioredis', 'Send one command for all keys: redis.del(keys).'],
    ['HGETALL', 'ioredis', 'Send the commands in one pipeline: redis.pipeline(), then .exec().'],
    ['HGETALL', 'redis', expect.stringContaining('await Promise.all(keys.map(...)), which is one round trip')],
    ['SET', 'ioredis', expect.stringMatching(/redis\.mset\(pairs\)\. Where the keys expire: .+redis\.pipeline\(\)/)],
  ] as const)('%s of %s with advice in its words', (command, client, advice) => {
    expect(findingsIn(loopOf(command, client))).toMatchObject([{ recommendation: advice }]);
  });

  it('memcached with advice of its own', () => {
    expect(findingsIn(loopOf('get', undefined, 'memcached'))).toMatchObject([
      { recommendation: 'Get all keys in one command: getMulti(keys).' },
    ]);
    expect(findingsIn(loopOf('set', undefined, 'memcached'))).toMatchObject([
      { recommendation: expect.stringContaining('Promise.all') },
    ]);
  });

  it('nothing of a key', () => {
    const part = fc.stringMatching(/^[a-zA-Z0-9_@]{6,14}$/).filter((text) => /[0-9A-Z]/.test(text));
    let found = 0;
    fc.assert(
      fc.property(part, fc.constantFrom(':', '/', '.', '-', '|', '_'), part, (head, separator, tail) => {
        const keys = Array.from({ length: 12 }, (_, n) => `${head}${separator}Zz${n}qQ${separator}${tail}`);
        const lines = keys.map((key) => `  redis: GET ${key} 2ms`);
        const { calls, longCalls, findings } = drawnRequest(`GET /feed 90ms\n${lines.join('\n')}`);
        const text = JSON.stringify({ calls, longCalls, findings });
        for (const fragment of [head, tail, 'Zz1', 'qQ']) expect(text).not.toContain(fragment);
        found += findings.filter(({ kind }) => kind === 'n-plus-one-kv').length;
      }),
    );
    expect(found).toBeGreaterThan(50);
  });
});

describe('n-plus-one-kv is silent on', () => {
  it.each([
    ['commands at the same time, which share a round trip', 'redis: GET user:# 2ms x20 at once'],
    ['one key again and again: a rate limiter', 'redis: INCR hits 2ms x20'],
    ['a lock that is tried again', 'redis: SET lock:7 2ms x20 fails'],
    ['a queue that is read', 'redis: LPOP jobs 2ms x20'],
    ['commands that wait', 'redis: BLPOP jobs# 2ms x20'],
    ['MGET in chunks', 'redis: MGET a# b# 2ms x20'],
    ['a scan', 'redis: SCAN # 2ms x20'],
    ['a scan of a hash', 'redis: HSCAN h:7 # 2ms x20'],
    ['messages', 'redis: PUBLISH room:# 2ms x20'],
    ['control of the connection', 'redis: CLIENT SETNAME a# 2ms x20'],
    ['SQL', 'mysql: SELECT a# FROM t 2ms x2'],
    ['other services', 'http: GET https://u.internal/users/# 2ms x20'],
  ])('%s', (_, line) => {
    expect(findingsIn(drawnRequest(`GET /feed 90ms\n  ${line}`))).toEqual([]);
  });

  it('different commands and keys of different kinds', () => {
    const commands = ['GET', 'HGETALL', 'SMEMBERS', 'TTL', 'LRANGE', 'ZRANGE', 'EXISTS', 'HGET', 'TYPE', 'HLEN'];
    const lines = [
      ...commands.map((command) => `  redis: ${command} user:7 2ms`),
      ...[...'abcdefghijk'].map((kind) => `  redis: GET ${kind} 2ms`),
    ];
    expect(findingsIn(drawnRequest(`GET /feed 90ms\n${lines.join('\n')}`))).toEqual([]);
  });
});
