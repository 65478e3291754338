import type { A_Expr, ColumnRef, Node, ParamRef, SelectStmt } from 'libpg-query';
import { namesOf, nodeOf, parameterNumbers, usesOf } from './tree.ts';

/** `column = $n`, or the other way around. */
export interface KeyComparison {
  readonly expression: A_Expr;
  readonly column: ColumnRef;
  readonly parameter: ParamRef;
  /** `$n::uuid`: where the name of the type starts, in bytes. */
  readonly typeLocation: number | undefined;
  readonly columnIsLeft: boolean;
}

/** The comparison whose parameter varies from call to call, or why there is none. `parameter` names it, from 1. */
export function findKeyComparison(select: SelectStmt, parameter: number | undefined): KeyComparison | string {
  const parts = conjuncts(select.whereClause);
  const all = parts.flatMap((part) => toComparison(part) ?? []);
  const candidates = all.filter((one) => parameter === undefined || one.parameter.number === parameter);
  const [found, second] = candidates;
  if (found === undefined) return whyNone(select, parts, parameter);
  if (second !== undefined && second.parameter.number !== found.parameter.number)
    return 'it compares several columns with parameters: say which of them varies ({ parameter: 2 } for $2)';
  const isUsedOnce = usesOf(found.parameter.number, select) === 1;
  return isUsedOnce ? found : `$${found.parameter.number} stands in it more than once`;
}

function conjuncts(where: Node | undefined): readonly Node[] {
  const both = nodeOf(where, 'BoolExpr');
  if (both?.boolop === 'AND_EXPR') return (both.args ?? []).flatMap(conjuncts);
  return where === undefined ? [] : [where];
}

function toComparison(node: Node): KeyComparison | undefined {
  const expression = nodeOf(node, 'A_Expr');
  if (expression?.kind !== 'AEXPR_OP' || namesOf(expression.name).join('.') !== '=') return undefined;
  const { lexpr, rexpr } = expression;
  for (const [columnSide, valueSide] of [[lexpr, rexpr] as const, [rexpr, lexpr] as const]) {
    const column = nodeOf(columnSide, 'ColumnRef');
    const cast = nodeOf(valueSide, 'TypeCast');
    const parameter = nodeOf(cast === undefined ? valueSide : cast.arg, 'ParamRef');
    if (column !== undefined && parameter !== undefined) {
      const typeLocation = cast?.typeName?.location;
      return { expression, column, parameter, typeLocation, columnIsLeft: columnSide === lexpr };
    }
  }
  return undefined;
}

function whyNone(select: SelectStmt, parts: readonly Node[], parameter: number | undefined): string {
  const numbers = parameterNumbers(select);
  if (numbers.length === 0) return 'it has no parameter: write the value that varies as $1';
  if (parameter !== undefined && !numbers.includes(parameter)) return `it has no parameter $${parameter}`;
  const name = parameter === undefined ? 'a parameter' : `$${parameter}`;
  const lists = parts.map((part) => nodeOf(part, 'A_Expr')?.kind);
  if (lists.includes('AEXPR_IN') || lists.includes('AEXPR_OP_ANY')) return 'it takes a list already (IN or ANY)';
  const logic = parts.map((part) => nodeOf(part, 'BoolExpr')?.boolop);
  if (logic.includes('OR_EXPR') || logic.includes('NOT_EXPR'))
    return `no \`column = ${name === 'a parameter' ? '$n' : name}\` that every row must meet: it stands under OR or NOT`;
  return `WHERE compares no column with ${name} (\`column = ${name === 'a parameter' ? '$1' : name}\`)`;
}
