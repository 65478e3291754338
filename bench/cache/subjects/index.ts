import type { Subject } from '../subject.ts';
import { asyncCacheDedupe } from './async-cache-dedupe.ts';
import { bareLruCache } from './bare-lru-cache.ts';
import { bentocache } from './bentocache.ts';
import { cacheable } from './cacheable.ts';
import { cachified } from './cachified.ts';
import { slowpath } from './slowpath.ts';

/** What is compared, by the name that the process of one of them is given. The first is ours. */
export const SUBJECTS = {
  slowpath,
  'lru-cache': bareLruCache,
  cachified,
  'async-cache-dedupe': asyncCacheDedupe,
  bentocache: bentocache(false),
  'bentocache-json': bentocache(true),
  cacheable,
} as const satisfies Readonly<Record<string, () => Promise<Subject>>>;

export type SubjectId = keyof typeof SUBJECTS;
