import type { Finding, FindingKind, SavedMs } from '../core/finding.ts';
import type { Endpoint, FindingFingerprint } from '../core/types.ts';
import { checkEndpoint, nameOf, readQuery, type CheckedQuery, type QueryInput } from './analyze-endpoint-input.ts';
import { readOptions, type AnalyzeEndpointOptions } from './analyze-endpoint-options.ts';
import { recordOfQueries } from './analyze-endpoint-record.ts';
import { findInRequest, type ThresholdOverrides } from './find-in-request.ts';
import { middleOf, rankSavings } from './analyze-endpoint-savings.ts';

/** One thing to fix. */
export interface OptimizationStep {
  /** From 1: what saves most. */
  readonly rank: number;
  readonly kind: FindingKind;
  /** That of the finding. */
  readonly fingerprint: FindingFingerprint;
  readonly recommendation: string;
  /** Milliseconds that it takes off beyond the steps before it: the steps add up. */
  readonly savedMs: SavedMs;
}

export interface Optimization {
  /** The middle of `estimatedSavedMs` as a share of `durationMs`, 0–1. */
  readonly potential: number;
  /** Milliseconds of one such request, from the least that is to be expected to the most; never more than it took. */
  readonly estimatedSavedMs: SavedMs;
  readonly steps: readonly OptimizationStep[];
}

/** What one request of an endpoint does wrong with its queries. Plain data; no value of a query is in it. */
export interface EndpointAnalysis {
  readonly endpoint: Endpoint;
  /** Data statements: BEGIN, COMMIT, SET, pings and empty texts are not in it. */
  readonly queryCount: number;
  /** Sum of their durations, milliseconds. */
  readonly totalMs: number;
  /** Milliseconds of the request, as given or as derived from its queries. */
  readonly durationMs: number;
  /** Those of the findings that are loops. */
  readonly n1Issues: readonly Finding[];
  /** Those of the findings that ask the same again. */
  readonly duplicates: readonly Finding[];
  readonly findings: readonly Finding[];
  readonly optimization: Optimization;
  /** Queries of shapes beyond the first 64: counted, but no finding speaks of them. */
  readonly queriesNotGrouped: number;
  /** Kinds whose detector failed; the others still ran. */
  readonly detectorsFailed: readonly string[];
}

/**
 * Looks at the queries that one request of `endpoint` sent, through the code that looks at live requests. Pure.
 *
 *     analyzeEndpoint('GET /orders', [
 *       { text: 'SELECT id, user_id FROM orders LIMIT 20', durationMs: 4, startMs: 0, rowCount: 20 },
 *       ...users.map((id, n) => ({ text: 'SELECT name FROM users WHERE id = $1', values: [id], durationMs: 6, startMs: 4 + 6 * n })),
 *     ]).optimization.steps[0]
 *
 * Texts alone will do. Without starts it is unknown whether queries ran one after the other; without durations no time is saved.
 *
 * @throws {TypeError} that names the argument, its place and what was expected, and quotes nothing of the data.
 */
export function analyzeEndpoint(
  endpoint: string,
  queries: readonly (string | QueryInput)[],
  options: AnalyzeEndpointOptions = {},
): EndpointAnalysis {
  return analyzeEndpointWith({}, endpoint, queries, options);
}

/** `analyzeEndpoint` with other defaults for the thresholds. */
export function analyzeEndpointWith(
  defaults: ThresholdOverrides,
  endpoint: unknown,
  queries: unknown,
  options: unknown = {},
): EndpointAnalysis {
  const name = checkEndpoint(endpoint) as Endpoint;
  const checked = readOptions(options);
  const thresholds = { ...defaults, ...checked.thresholds };
  const record = recordOfQueries(name, readQueries(queries), { ...checked, thresholds });
  const detectorsFailed: string[] = [];
  const findings = findInRequest(
    record,
    thresholds,
    (code) => void detectorsFailed.push(code.replace('detector ', '')),
  );
  return {
    endpoint: name,
    queryCount: record.queryCount,
    totalMs: record.queryTotalMs,
    durationMs: record.durationMs,
    n1Issues: findings.filter(({ kind }) => kind === 'n-plus-one'),
    duplicates: findings.filter(({ kind }) => kind === 'duplicate-query'),
    findings,
    optimization: optimizationOf(findings, record.durationMs),
    queriesNotGrouped: record.queriesNotGrouped,
    detectorsFailed,
  };
}

function optimizationOf(findings: readonly Finding[], durationMs: number): Optimization {
  const steps = rankSavings(findings, durationMs).map(
    ({ finding: { kind, fingerprint, recommendation }, savedMs }, n): OptimizationStep => ({
      rank: n + 1,
      kind,
      fingerprint,
      recommendation,
      savedMs,
    }),
  );
  const estimatedSavedMs: SavedMs = [sum(steps, (step) => step.savedMs[0]), sum(steps, (step) => step.savedMs[1])];
  const potential = durationMs > 0 ? Math.min(1, middleOf(estimatedSavedMs) / durationMs) : 0;
  return { potential, estimatedSavedMs, steps };
}

function readQueries(queries: unknown): CheckedQuery[] {
  const refusal = `queries is ${nameOf(queries)}. Expected an array of SQL texts, or of objects with them.`;
  let isList: boolean;
  let length: number;
  try {
    isList = Array.isArray(queries);
    length = isList ? (queries as readonly unknown[]).length : 0;
  } catch {
    throw new TypeError('queries cannot be read: reading it throws. Expected a plain array.');
  }
  if (!isList) throw new TypeError(refusal);
  const checked: CheckedQuery[] = [];
  for (let index = 0; index < length; index++)
    checked.push(readQuery(elementAt(queries as readonly unknown[], index), index));
  return checked;
}

function elementAt(queries: readonly unknown[], index: number): unknown {
  try {
    return queries[index];
  } catch {
    throw new TypeError(`queries[${index}] cannot be read: reading it throws. Expected plain data.`);
  }
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
