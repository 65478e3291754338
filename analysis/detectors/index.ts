import type { RequestDetector } from '../detector.ts';
import { consecutiveHttp } from './consecutive-http.ts';
import { consecutiveQueries } from './consecutive-queries.ts';
import { duplicateQuery } from './duplicate-query.ts';
import { nPlusOneHttp } from './n-plus-one-http.ts';
import { nPlusOneKv } from './n-plus-one-kv.ts';
import { nPlusOne } from './n-plus-one.ts';
import { queryBudget } from './query-budget.ts';
import { slowEndpoint } from './slow-endpoint.ts';
import { slowQuery } from './slow-query.ts';
import { transactionHeld } from './transaction-held.ts';
import { unboundedResult } from './unbounded-result.ts';

/** Every detector, in report order. To add one: a file here, a line here, a test in tests/analysis/, a page in docs/findings/. */
export const requestDetectors: readonly RequestDetector[] = [
  nPlusOne,
  duplicateQuery,
  consecutiveQueries,
  slowQuery,
  unboundedResult,
  queryBudget,
  transactionHeld,
  nPlusOneHttp,
  consecutiveHttp,
  nPlusOneKv,
  slowEndpoint,
];
