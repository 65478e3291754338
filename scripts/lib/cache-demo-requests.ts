import { seededRandom } from '../../testing/seeded-random.ts';
import type { DemoRequest } from './demo-requests.ts';

export interface CacheLoad {
  readonly requests: number;
  readonly seed: number;
  readonly users: Popularity;
  readonly questions: Popularity;
  /** Every so many requests a user's plan is changed, which ends what the cache has of that user. */
  readonly changeEvery: number;
}

interface Popularity {
  readonly count: number;
  readonly exponent: number;
}

/**
 * The load of the demo with a cache. Which user or question is asked for follows Zipf's law: the n-th most popular one is asked for
 * in proportion to 1 / n^exponent, as it was measured of web traffic many times over, with exponents of 0.6 to 1.2
 * (https://doi.org/10.1109/INFCOM.1999.749260). What share of it a cache finds follows from these numbers and its size.
 */
export const CACHE_LOAD: CacheLoad = {
  requests: 800,
  seed: 1,
  /** Each look at their usage again and again. */
  users: { count: 100, exponent: 1.2 },
  /** Many are asked once. */
  questions: { count: 1000, exponent: 0.8 },
  changeEvery: 25,
};

const PLANS = ['free', 'team', 'business'] as const;

/** What a request is about: the endpoint, and whose usage, which question or whose plan. */
export interface CacheDemoRequest extends DemoRequest {
  readonly subject: string;
}

/** The same requests on every run and machine. */
export function cacheDemoRequests(load: CacheLoad = CACHE_LOAD): readonly CacheDemoRequest[] {
  const random = seededRandom(load.seed);
  const nextUser = zipf(load.users, random);
  const nextQuestion = zipf(load.questions, random);
  return Array.from({ length: load.requests }, (_, n) => {
    if (n % load.changeEvery === load.changeEvery - 1) {
      const plan = PLANS[n % PLANS.length];
      return { ...aboutUser('PUT /api/user/plan', nextUser()), body: JSON.stringify({ plan }) };
    }
    if (random() < 0.5) return aboutUser('GET /api/user/usage', nextUser());
    const question = `What was decided in week ${nextQuestion()}?`;
    const subject = `question ${question}`;
    return { endpoint: 'POST /api/rag/chat', path: '/api/rag/chat', body: JSON.stringify({ question }), subject };
  });
}

function aboutUser(endpoint: string, userId: number): CacheDemoRequest {
  return { endpoint, path: `${endpoint.split(' ')[1]}?userId=${userId}`, subject: `user ${userId}` };
}

/** Draws a number from 1 to `count`, 1 most often. */
function zipf({ count, exponent }: Popularity, random: () => number): () => number {
  const sums: number[] = [];
  let total = 0;
  for (let n = 1; n <= count; n++) sums.push((total += n ** -exponent));
  return () => {
    const drawn = random() * total;
    return 1 + sums.findIndex((sum) => drawn < sum);
  };
}
