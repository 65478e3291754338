import type { DatabaseClient, QueryGroup } from '../../core/types.ts';
import { adviceOf } from './sentence.ts';
import { type StatementWords, wordsOfStatement } from './statement-words.ts';

/** How to ask once for what is asked for again and again: one or two sentences, at most 300 characters. */
export function adviseDuplicate(group: QueryGroup, client: DatabaseClient | undefined = group.client): string {
  const words = wordsOfStatement(group, { client });
  const rows = words.sqlTable === undefined ? 'it' : words.sqlTable;
  if (group.kind === 'write') {
    const what = words.sqlTable === undefined ? 'it' : `to ${words.sqlTable}`;
    return adviceOf([`Write ${what} once: every repeat writes the same values.`]);
  }
  const key = words.column === undefined ? '' : ` by ${words.sqlColumn}`;
  return adviceOf(
    [
      `Load ${rows}${key} once per request and pass the result down, or keep its promise in a Map that lives as long as the request.`,
    ],
    [inClient(words), client !== 'prisma' && 'in GraphQL a DataLoader per request does that'],
  );
}

function inClient({ client, table, column }: StatementWords): string | undefined {
  switch (client) {
    case 'prisma':
      return 'Prisma keeps no rows: only `findUnique` calls of one tick share a query';
    case 'mikro-orm':
      return 'share one `em` per request: `em.findOne()` by primary key then answers from its identity map';
    case 'typeorm':
      return 'TypeORM keeps no entities: a `findOne()` asks each time, and its `cache` outlives the request';
    case 'sequelize':
      return `Sequelize keeps no instances: pass the ${table?.isPlain ? table.row : 'instance'}, not its ${column ?? 'key'}`;
    case 'mongoose':
      return 'pass the document on rather than its key: Mongoose keeps none';
    default:
      return undefined;
  }
}
