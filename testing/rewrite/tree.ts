import type { ColumnRef, Node } from 'libpg-query';

/** The value of `node` if it is of the kind `kind`: `nodeOf(node, 'ColumnRef')`. */
export function nodeOf<Kind extends NodeKind>(node: Node | undefined, kind: Kind): NodeOf<Kind> | undefined {
  return node !== undefined && kind in node ? (node as unknown as Record<Kind, NodeOf<Kind>>)[kind] : undefined;
}

type KindOf<One> = One extends unknown ? keyof One : never;
type NodeKind = KindOf<Node>;
type FieldsOf<One, Kind extends NodeKind> = One extends Record<Kind, infer Fields> ? Fields : never;
type NodeOf<Kind extends NodeKind> = FieldsOf<Node, Kind>;

/** One node of the tree, wherever it stands: its kind, and its fields. */
export interface TreeNode {
  readonly kind: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** All nodes below `value`, from the top. A node is written `{ Kind: { … } }`: kinds start with a capital, fields do not. */
export function* nodesBelow(value: unknown): Generator<TreeNode> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (/^[A-Z]/.test(key)) yield { kind: key, fields: child as Record<string, unknown> };
    yield* nodesBelow(child);
  }
}

/** All places below `value` where `$number` stands. */
export function usesOf(number: number | undefined, value: unknown): number {
  return parameterNumbers(value).filter((one) => one === number).length;
}

/** The number of each parameter below `value`, as often as it stands there. */
export function parameterNumbers(value: unknown): readonly number[] {
  return [...nodesBelow(value)]
    .filter(({ kind }) => kind === 'ParamRef')
    .map(({ fields }) => Number(fields['number'] ?? 0));
}

/** The words of a list of names: `["pg_catalog", "int4"]`. */
export function namesOf(nodes: unknown): readonly string[] {
  const list = Array.isArray(nodes) ? (nodes as readonly Node[]) : [];
  return list.map((node) => nodeOf(node, 'String')?.sval ?? '');
}

/** A column as it is named: `["u", "id"]`; `undefined` for `u.*`. */
export function columnPath(column: ColumnRef | undefined): readonly string[] | undefined {
  const path = namesOf(column?.fields);
  return path.length === 0 || path.includes('') ? undefined : path;
}
