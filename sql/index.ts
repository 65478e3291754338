export { normalizeQuery, type NormalizedQuery, type SqlSystem } from './normalize-query.ts';
export {
  clearQueryMemo,
  describeQuery,
  queryMemoStatistics,
  type QueryMemoStatistics,
  type QueryShape,
} from './describe-query.ts';
export { readSqlComment } from './sql-comment.ts';
