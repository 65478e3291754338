import type { QueryGroup, StatementSource } from '../core/types.ts';
import { isExactText } from './group-nature.ts';

/** A loop needs this share of distinct values among its queries to be one beyond doubt, and this many are enough. */
const DISTINCT_SHARE = 0.6;
const DISTINCT_ENOUGH = 5;
const BY_VALUES = 0.8;
const BY_UNKNOWN_VALUES = 0.6;
const BY_PROOF: Readonly<Record<StatementSource['proof'], number>> = { rows: 0.15, name: 0.1, order: 0 };
const BY_CALL_SITE = 0.05;
/** A summary alone may stand for queries of many kinds: what shows a loop is then their values, or the rows of a source. */
const INEXACT_TEXT = 0.25;

/**
 * How sure it is that a group is a loop over rows and that one query could take its place, 0–1.
 *
 * 0.8 when the values differ, 0.6 when nobody saw them, less the more they are the same; 0.15 more when the source
 * returned as many rows, 0.1 when names show it; 0.05 more when a line of the application was captured; 0.25 less when
 * the text was cut or is only a summary. The order of the queries adds nothing: that something ran before is always so.
 */
export function loopConfidence(group: QueryGroup, proof: StatementSource['proof'] | undefined): number {
  const unknownShare = group.parametersUnknownCount / group.count;
  const confidence =
    unknownShare * BY_UNKNOWN_VALUES +
    (1 - unknownShare) * BY_VALUES * variation(group) +
    (proof === undefined ? 0 : BY_PROOF[proof]) +
    (group.callSite === undefined ? 0 : BY_CALL_SITE) -
    (isExactText(group) ? 0 : INEXACT_TEXT);
  // Sums of tenths: without the digits that come from binary fractions.
  return Math.round(Math.min(1, Math.max(0, confidence)) * 1000) / 1000;
}

/** Its values differ from five distinct sets on, or 60 % of the queries; a write takes its round trip whatever its values. */
export function variesEnough(group: QueryGroup): boolean {
  return group.kind === 'write' || group.parameterSets.length >= distinctEnough(group);
}

function distinctEnough({ count, parametersUnknownCount }: QueryGroup): number {
  return Math.min(DISTINCT_ENOUGH, DISTINCT_SHARE * (count - parametersUnknownCount));
}

/** 1 where the values differ enough. */
function variation(group: QueryGroup): number {
  if (group.kind === 'write') return 1;
  const enough = distinctEnough(group);
  return enough === 0 ? 1 : Math.min(1, (group.parameterSets.length - 1) / Math.max(1, enough - 1));
}
