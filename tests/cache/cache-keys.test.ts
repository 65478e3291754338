import { describe, expect, it } from 'vitest';
import { cacheKeys } from '../../cache/cache-keys.ts';
import { hashKeyPart } from '../../cache/hash-key-part.ts';

const patterns = Object.values(cacheKeys).flatMap((group) => Object.values(group));

describe('cacheKeys', () => {
  it('has the number of patterns that each group should have', () => {
    const counts = Object.entries(cacheKeys).map(([group, keys]) => [group, Object.keys(keys).length]);
    expect(Object.fromEntries(counts)).toEqual({
      user: 5,
      meetings: 3,
      chat: 2,
      integrations: 3,
      rateLimit: 1,
      bot: 1,
      general: 8,
    });
    expect(new Set(patterns.map(({ pattern }) => pattern)).size).toBe(23);
  });

  it('has all its keys of a user’s data bound to that user', () => {
    const withUser = patterns.filter(({ pattern }) => pattern.includes('{userId}'));
    expect(withUser).toHaveLength(9);
    for (const { definition } of withUser) expect(definition).toMatchObject({ scope: 'user' });
    const unchecked = cacheKeys.user.permissions as (params: object) => unknown;
    for (const userId of [undefined, null, '', 'undefined']) {
      expect(() => unchecked({ userId })).toThrow('user:{userId}:permissions: the parameter {userId} is');
    }
  });

  it('invalidates all that a list of entities may be in by one tag', () => {
    const filterHash = hashKeyPart('{"open":true}');
    const { entity, list, count } = cacheKeys.general;
    const tag = entity.tag('entity:{type}', { type: 'order' });
    expect(entity({ type: 'order', id: 7 }).tags).toContain(tag);
    expect(list({ type: 'order', filterHash, page: 1 }).tags).toEqual([tag]);
    expect(count({ type: 'order', filterHash }).tags).toEqual([tag]);
  });

  it('leaves the rest of a user alone when the list of meetings changes', () => {
    const { ofUser } = cacheKeys.meetings;
    expect(ofUser({ userId: 7, range: 'week', page: 1 }).tags).toEqual(['user:7:meetings']);
    expect(cacheKeys.user.profile({ userId: 7 }).tags).toEqual(['user:7']);
  });

  it('counts requests under a key that has no value', () => {
    const subjectHash = hashKeyPart('192.0.2.7');
    const key = cacheKeys.rateLimit.requests({ scope: 'api', subjectHash, window: '60s' });
    expect(key).toMatchObject({ kind: 'counter', key: `ratelimit:scope=api:subjectHash=${subjectHash}:window=60s` });
    expect(key).not.toHaveProperty('tags');
  });
});
