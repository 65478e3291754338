import type { QueryGroup, StatementSource } from '../core/types.ts';
import { isNamedAfter, isOwnKey, mentionsKeyOf } from './column-of-table.ts';

/** A source may have returned up to this many times the rows that the loop has rounds: some were skipped, or asked for once. */
const ROWS_PER_ROUND_MAX = 1.2;
/** Loops around a loop that are followed. */
const MAX_LEVELS = 8;
/** Read characters of a source's text: its select list. */
const MAX_TEXT = 1000;

/** The group whose rows a loop follows, and what shows it. */
export interface LoopSource {
  readonly group: QueryGroup;
  readonly proof: StatementSource['proof'];
}

/**
 * The read whose rows a loop follows. What shows it:
 *
 * - `rows`: it returned as many rows in all as the loop has rounds, up to 1.2 times as many;
 * - `name`: the loop picks its rows by a column that is called after the source's table (`order_id` after `orders`), or by
 *   the key of a table that the source's text points to (`user_id` in it, and `users` in the loop);
 * - `order`: it was the last query before the loop and was a read.
 *
 * Rows and name together go before a name alone, that before rows alone, for numbers may agree by chance, and all of them
 * before the order. None that is known to have returned fewer rows than the loop has rounds is a source by its name or by
 * the order.
 *
 * Loops with as many rounds run beside each other, not within each other: they share their source. `undefined` when none
 * is found, or when nobody told when the queries started.
 */
export function loopSource(loop: QueryGroup, groups: readonly QueryGroup[]): LoopSource | undefined {
  if (!loop.startsKnown) return undefined;
  const earlier = groups.filter((group) => canFeed(group, loop));
  const byRows = earlier.filter((group) => returnedRowsFor(loop, group));
  const named = earlier.filter((group) => !hasTooFewRows(loop, group) && isNamedIn(loop, group));
  const surest = latest(named.filter((group) => byRows.includes(group)));
  if (surest !== undefined) return { group: surest, proof: 'rows' };
  const byName = latest(named);
  if (byName !== undefined) return { group: byName, proof: 'name' };
  const byNumber = latest(byRows);
  if (byNumber !== undefined) return { group: byNumber, proof: 'rows' };
  const before = readBefore(loop, groups);
  return before === undefined ? undefined : { group: before, proof: 'order' };
}

/** What a finding says of the source. */
export function toStatementSource({ group, proof }: LoopSource): StatementSource {
  const { text, summary, fingerprint } = group;
  const rowCount = group.rowCountKnown === group.count ? group.rowCount : undefined;
  return { text, summary, queryFingerprint: fingerprint, rowCount, proof };
}

/** The loops around a loop, the outermost first, itself last. */
export function loopLevels(loop: QueryGroup, groups: readonly QueryGroup[]): readonly QueryGroup[] {
  const levels = [loop];
  for (let level = 1; level < MAX_LEVELS; level++) {
    const inner = levels[0];
    const source = inner === undefined ? undefined : loopSource(inner, groups);
    if (inner === undefined || source === undefined || !isOuterLoop(source)) break;
    levels.unshift(source.group);
  }
  return levels;
}

/** Ran several times, with other values, and each time led to the inner one. That it ran before shows nothing of it. */
function isOuterLoop({ group, proof }: LoopSource): boolean {
  const isRepeatedForRows = group.parameterSets.length > 1 || group.parametersUnknownCount > 1;
  return group.count > 1 && isRepeatedForRows && proof !== 'order';
}

function canFeed(group: QueryGroup, loop: QueryGroup): boolean {
  return (
    group !== loop &&
    group.kind === 'read' &&
    group.startsKnown &&
    group.count < loop.count &&
    group.firstEndMs <= loop.firstStartMs
  );
}

function returnedRowsFor(loop: QueryGroup, { count, rowCount, rowCountKnown, lastEndMs }: QueryGroup): boolean {
  // One that goes on after the loop is no source of it.
  if (rowCountKnown !== count || lastEndMs > loop.lastEndMs) return false;
  return rowCount >= loop.count && rowCount <= ROWS_PER_ROUND_MAX * loop.count;
}

function isNamedIn(loop: QueryGroup, { traits, text }: QueryGroup): boolean {
  const { filterColumn, tables } = loop.traits;
  if (filterColumn === undefined) return false;
  if (traits.tables.some((table) => isNamedAfter(filterColumn, table))) return true;
  const [table] = tables;
  if (table === undefined || tables.length > 1 || !isOwnKey(filterColumn)) return false;
  // A list of keys, and then the rows one by one; or rows that point to the table.
  return traits.tables.includes(table) || mentionsKeyOf(table, text.slice(0, MAX_TEXT));
}

function readBefore(loop: QueryGroup, groups: readonly QueryGroup[], level = 0): QueryGroup | undefined {
  const group = groups[loop.precedingGroup];
  // A write is no preceding group.
  if (group === undefined || group === loop || !group.startsKnown) return undefined;
  // A loop beside this one has the same source.
  if (group.count >= loop.count) return level < MAX_LEVELS ? readBefore(group, groups, level + 1) : undefined;
  return hasTooFewRows(loop, group) ? undefined : group;
}

/** Every one of its queries told its rows, and they are too few for the loop. */
function hasTooFewRows(loop: QueryGroup, { count, rowCount, rowCountKnown }: QueryGroup): boolean {
  return rowCountKnown === count && rowCount < loop.count;
}

/** The one that first ended last. */
function latest(groups: readonly QueryGroup[]): QueryGroup | undefined {
  return groups.reduce<QueryGroup | undefined>(
    (last, group) => (last === undefined || group.firstEndMs > last.firstEndMs ? group : last),
    undefined,
  );
}
