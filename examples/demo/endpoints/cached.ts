import { CacheManager, defineKey, hashKeyPart } from 'slowpath';
import { CACHE_ENTRIES } from '../sizes.ts';
import type { ChatAnswer, Endpoints, ListedMeeting, UserUsage } from './endpoints.ts';

const meetingList = defineKey<readonly ListedMeeting[]>()('meetings:upcoming', { ttl: 60, tags: ['meetings'] });
const usageOfUser = defineKey<UserUsage>()('user:{userId}:usage', { ttl: 300, tags: ['user:{userId}'] });
const answer = defineKey<ChatAnswer>()('answer:{questionHash}', { ttl: 900, tags: ['documents'] });

/** The endpoints behind a cache: one look-up for each request. What they answer stays the same. */
export function cached(endpoints: Endpoints): Endpoints {
  const cache = new CacheManager({ name: 'demo', maxEntries: CACHE_ENTRIES });
  return {
    listMeetings: (db) => cache.getOrCompute(meetingList(), () => endpoints.listMeetings(db)),

    userUsage: (db, userId) => cache.getOrCompute(usageOfUser({ userId }), () => endpoints.userUsage(db, userId)),

    chat(db, question) {
      // A question may be long, and is nobody's business but the asker's.
      const questionHash = hashKeyPart(question);
      return cache.getOrCompute(answer({ questionHash }), () => endpoints.chat(db, question));
    },

    async changePlan(db, userId, plan) {
      await endpoints.changePlan(db, userId, plan);
      // Once the change is committed: a value that is computed after this call has it.
      await cache.invalidateTag(usageOfUser.tag('user:{userId}', { userId }));
    },
  };
}
