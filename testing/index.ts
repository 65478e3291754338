/** Import as `slowpath/testing`: draw requests, turn clocks. Not for production. */
export type { StoreFaults, StorePair } from './cache-store/contract-case.ts';
export { type CacheStoreContract, describeCacheStore, type TestWords } from './cache-store-contract.ts';
export { FakeClock } from './fake-clock.ts';
export { MemoryStore, MemoryStoreServer } from './memory-store.ts';
export { renderTrace, type DrawnSpan } from './render-trace.ts';
export { drawnRequest, requestFromTrace, type TraceOptions } from './request-from-trace.ts';
export type { RewriteClient } from './rewrite/read-only-transaction.ts';
export {
  type BatchRewrite,
  type RefusedRewrite,
  rewriteAsBatch,
  type RewriteOptions,
} from './rewrite/rewrite-as-batch.ts';
export type { VerifiedRewrite, VerifyRewriteOptions } from './rewrite/verified-rewrite.ts';
export { verifyRewrite } from './rewrite/verify-rewrite.ts';
