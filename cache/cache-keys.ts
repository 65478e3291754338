import { defineCounter } from './define-counter.ts';
import { openKey } from './open-key.ts';

/**
 * The cache keys that a service with users, meetings, a chat over documents, integrations and bots needs. Say the type of the
 * value with the call: `cacheKeys.user.settings<MySettings>({ userId })`. For another `ttl` or other tags, `defineKey` the pattern
 * yourself and leave ours alone; which of both is used second is refused.
 */
export const cacheKeys = Object.freeze({
  user: Object.freeze({
    profile: openKey('user:{userId}:profile', { ttl: 300, tags: ['user:{userId}'] }),
    settings: openKey('user:{userId}:settings', { ttl: 600, tags: ['user:{userId}'] }),
    /**
     * Decides who may do what: invalidate `permissions` or the user's tag whenever a role changes, and cache it only where a
     * minute of an old answer is bearable should that be forgotten.
     */
    permissions: openKey('user:{userId}:permissions', { ttl: 60, tags: ['user:{userId}', 'permissions'] }),
    organizations: openKey('user:{userId}:organizations', { ttl: 300, tags: ['user:{userId}', 'organizations'] }),
    subscription: openKey('user:{userId}:subscription', { ttl: 120, tags: ['user:{userId}', 'billing'] }),
  }),

  meetings: Object.freeze({
    detail: openKey('meeting:{meetingId}:detail', { ttl: 120, tags: ['meeting:{meetingId}'] }),
    /** A page of one user's meetings. Has a tag of its own, so that a new meeting leaves the rest of the user alone. */
    ofUser: openKey('user:{userId}:meetings:{range}:{page}', { ttl: 60, tags: ['user:{userId}:meetings'] }),
    /** `version`: that of the transcript or of the prompt, so that a new one is another value. */
    summary: openKey('meeting:{meetingId}:summary:{version}', { ttl: 3600, tags: ['meeting:{meetingId}'] }),
  }),

  chat: Object.freeze({
    context: openKey('chat:{conversationId}:context', { ttl: 60, tags: ['chat:{conversationId}'] }),
    /**
     * The passages found for a question. Every user who may read the collection gets the same: where documents have access lists,
     * define a key of your own with a hash of the reader's groups in it (`rag:{collectionId}:{aclHash}:{queryHash}:{topK}`), or
     * one reader sees what only another may.
     */
    retrieval: openKey('rag:{collectionId}:{queryHash}:{topK}', { ttl: 900, tags: ['rag:{collectionId}'] }),
  }),

  integrations: Object.freeze({
    status: openKey('integration:{userId}:{provider}:status', { ttl: 60, tags: ['integration:{userId}'] }),
    resources: openKey('integration:{userId}:{provider}:resources:{kind}', {
      ttl: 300,
      tags: ['integration:{userId}', 'provider:{provider}'],
    }),
    /**
     * When a token ends and what it allows; NEVER the token itself: what is cached can be read in a second tier. Let the computation
     * choose a shorter `ttl`, so that the value ends a minute before the token does: `Math.min(300, expiresInSeconds - 60)`.
     */
    tokenMeta: openKey('integration:{userId}:{provider}:token-meta', { ttl: 300, tags: ['integration:{userId}'] }),
  }),

  rateLimit: Object.freeze({
    /**
     * How often a subject did something within a window: for `increment`, which counts in one step. Read, add and write back would
     * let concurrent requests through. `window` names the window's length (`60s`), so that two limits of one subject are two counters.
     */
    requests: defineCounter('ratelimit:{scope}:{subjectHash}:{window}'),
  }),

  bot: Object.freeze({
    config: openKey('bot:{botId}:config', { ttl: 300, tags: ['bot:{botId}'] }),
  }),

  general: Object.freeze({
    entity: openKey('entity:{type}:{id}', { ttl: 300, tags: ['entity:{type}', 'entity:{type}:{id}'] }),
    list: openKey('list:{type}:{filterHash}:{page}', { ttl: 60, tags: ['entity:{type}'] }),
    count: openKey('count:{type}:{filterHash}', { ttl: 60, tags: ['entity:{type}'] }),
    search: openKey('search:{index}:{queryHash}', { ttl: 120, tags: ['search:{index}'] }),
    featureFlags: openKey('feature-flags:{environment}:{subjectHash}', { ttl: 30, tags: ['feature-flags'] }),
    config: openKey('config:{name}', { ttl: 600, tags: ['config'] }),
    /** The answer to a GET of public data. Let the computation take its `ttl` from the answer's `max-age`, and cache no `private` one. */
    http: openKey('http:{host}:{urlHash}', { ttl: 60, tags: ['http:{host}'] }),
    /**
     * Who a session belongs to. Decides who may do what, as `user.permissions` does: invalidate the session's tag at a logout. Hash
     * the session's token with `hashKeyPart`; it must not be in a key.
     */
    session: openKey('session:{sessionHash}:principal', {
      ttl: 30,
      tags: ['session:{sessionHash}', 'permissions'],
    }),
  }),
});
