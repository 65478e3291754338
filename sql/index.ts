export { normalizeQuery, type NormalizedQuery, type NormalizeQueryOptions, type SqlSystem } from './normalize-query.ts';
export {
  clearQueryMemo,
  describeQuery,
  queryMemoStatistics,
  type QueryMemoStatistics,
  type QueryShape,
} from './describe-query.ts';
export { maxMemoTextLength } from './query-memo.ts';
export { readSqlComment } from './sql-comment.ts';
export { NO_TRAITS } from './statement-traits.ts';
