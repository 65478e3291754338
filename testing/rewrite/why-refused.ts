import type { SelectStmt } from 'libpg-query';
import { namesOf, nodesBelow, type TreeNode } from './tree.ts';

/** What may stand in a lookup. Whatever is not listed is refused: a new construct must not pass by being unknown. */
const KNOWN_KINDS = new Set(
  `SelectStmt ResTarget ColumnRef A_Star String RangeVar JoinExpr A_Expr A_Const ParamRef BoolExpr NullTest BooleanTest
  TypeCast FuncCall CoalesceExpr MinMaxExpr CaseExpr CaseWhen A_Indirection A_Indices A_ArrayExpr RowExpr SortBy List
  Integer SQLValueFunction CollateClause`.split(/\s+/),
);

/** Functions of one row's values. Any other may be an aggregate, return a set or have an effect: the tree does not say. */
const ROW_FUNCTIONS = new Set(
  `abs array_length array_to_string btrim ceil char_length concat concat_ws date_part date_trunc encode extract floor
  format jsonb_array_length jsonb_build_array jsonb_build_object json_build_object jsonb_extract_path_text left length like_escape
  lower lpad ltrim make_interval mod now overlay position replace reverse right round row_to_json rpad rtrim split_part
  starts_with strpos substr substring timezone to_char to_date to_json to_jsonb to_number to_timestamp translate trim
  trunc upper`.split(/\s+/),
);

const KIND_REASONS: Readonly<Record<string, string>> = {
  SubLink: 'it has a subquery',
  RangeSubselect: 'it has a subquery in FROM',
  RangeFunction: 'it calls a function in FROM',
  RangeTableSample: 'TABLESAMPLE takes other rows each time',
  GroupingFunc: 'it groups rows',
};

/**
 * Why this SELECT may not be run for many keys at once; `undefined` if nothing in its form forbids it. A statement is
 * accepted when each of its rows depends on nothing but the rows that it is joined from.
 */
export function whyRefused(select: SelectStmt): string | undefined {
  return whyClausesRefused(select) ?? whyNodesRefused(select);
}

function whyClausesRefused(select: SelectStmt): string | undefined {
  if (select.op !== undefined && select.op !== 'SETOP_NONE') return 'it is a UNION, INTERSECT or EXCEPT';
  if (select.valuesLists !== undefined) return 'it is a list of VALUES';
  if (select.withClause !== undefined) return 'it has a WITH clause';
  if (select.intoClause !== undefined) return 'SELECT INTO creates a table';
  if (select.lockingClause !== undefined) return 'it locks rows (FOR UPDATE or FOR SHARE)';
  if (select.distinctClause !== undefined) return 'DISTINCT compares its rows with each other';
  if (select.groupClause !== undefined) return 'it groups rows (GROUP BY)';
  if (select.havingClause !== undefined) return 'it filters groups (HAVING)';
  if (select.windowClause !== undefined) return 'it has a window';
  if (select.limitOffset !== undefined) return 'OFFSET skips rows of each key';
  if (select.limitCount !== undefined && select.sortClause !== undefined)
    return 'ORDER BY with LIMIT takes the first rows of each key: use DISTINCT ON, or a LATERAL join';
  if (select.limitOption === 'LIMIT_OPTION_WITH_TIES') return 'WITH TIES takes the first rows of each key';
  if (select.fromClause === undefined) return 'it reads no table';
  if (select.targetList === undefined) return 'it selects no column';
  return select.whereClause === undefined ? 'it has no WHERE' : undefined;
}

function whyNodesRefused(select: SelectStmt): string | undefined {
  for (const node of nodesBelow(select)) {
    if (node.kind === 'FuncCall') {
      const why = whyCallRefused(node);
      if (why !== undefined) return why;
    } else if (!KNOWN_KINDS.has(node.kind))
      return KIND_REASONS[node.kind] ?? 'it has a part that is not known to depend on its own row alone';
  }
  return undefined;
}

function whyCallRefused({ fields }: TreeNode): string | undefined {
  if (fields['over'] !== undefined) return 'it has a window function';
  const path = namesOf(fields['funcname']);
  const name = path.at(-1) ?? '';
  const isBuiltIn = path.length === 1 || path[0] === 'pg_catalog';
  const isPlain = !['agg_star', 'agg_distinct', 'agg_order', 'agg_filter', 'agg_within_group'].some(
    (key) => key in fields,
  );
  if (isBuiltIn && isPlain && ROW_FUNCTIONS.has(name)) return undefined;
  if (!isPlain || AGGREGATES.has(name)) return `it has an aggregate (${name}): use GROUP BY with the key`;
  return `it calls ${name}(), which is not known to depend on its own row alone`;
}

const AGGREGATES = new Set(
  'count sum avg min max array_agg json_agg jsonb_agg json_object_agg jsonb_object_agg string_agg bool_and bool_or every'.split(
    ' ',
  ),
);
