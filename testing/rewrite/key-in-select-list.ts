import type { ColumnRef, Node, SelectStmt } from 'libpg-query';
import { columnPath, namesOf, nodeOf, nodesBelow } from './tree.ts';

/** How the key is to be read from a row. */
export interface KeyOutput {
  /** Its name in the result. */
  readonly name: string;
  /** It is in the select list already, has to be added under its own name, or under `name`. */
  readonly change: 'none' | 'add' | 'add-renamed';
}

/** Under this name a key is added whose own name may be another column's. */
export const ADDED_KEY = 'slowpath_key';

const SYSTEM_COLUMNS = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid']);

interface Output {
  /** The column that is selected; `undefined` for an expression and for `*`. */
  readonly path: readonly string[] | undefined;
  /** Its name in the result; `undefined` if it could be any. */
  readonly name: string | undefined;
  /** `*` or `u.*`: the path before the star. */
  readonly star: readonly string[] | undefined;
}

/** Where the result has the key, so that its rows can be told apart by it. */
export function keyInSelectList(select: SelectStmt, key: ColumnRef): KeyOutput {
  const path = columnPath(key) ?? [];
  const column = path.at(-1) ?? '';
  const isOnlyTable = [...nodesBelow(select.fromClause)].filter(({ kind }) => kind === 'RangeVar').length === 1;
  const outputs = (select.targetList ?? []).map(toOutput);
  const holder = outputs.find((output) => {
    if (output.star !== undefined) {
      if (SYSTEM_COLUMNS.has(column)) return false;
      return isOnlyTable || (output.star.length > 0 && isSame(output.star, path.slice(0, -1)));
    }
    if (output.path === undefined) return false;
    return isOnlyTable ? output.path.at(-1) === column : isSame(output.path, path);
  });
  const others = outputs.filter((output) => output !== holder);
  const name = holder?.name ?? column;
  const isAlone = others.every((output) => output.name !== undefined && output.name !== name);
  if (!isAlone) return { name: ADDED_KEY, change: 'add-renamed' };
  return { name, change: holder === undefined ? 'add' : 'none' };
}

function toOutput(target: Node): Output {
  const { name, val } = nodeOf(target, 'ResTarget') ?? {};
  const column = nodeOf(val, 'ColumnRef');
  const isStar = column?.fields?.some((field) => 'A_Star' in field) ?? false;
  if (isStar) return { path: undefined, name: undefined, star: namesOf(column?.fields?.slice(0, -1)) };
  const path = columnPath(column);
  return { path, name: name ?? path?.at(-1), star: undefined };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, i) => part === b[i]);
}
