import type { Node } from 'libpg-query';
import { SetupError } from '../../core/setup-error.ts';

/** The part of libpg-query that is used: its tree, which 17.7.4 and 18.1.5 give alike for SELECT. */
interface LibpgQuery {
  parse(sql: string): Promise<{ readonly stmts?: readonly { readonly stmt?: Node }[] }>;
}

/** Reads a text with PostgreSQL's own grammar; `undefined` if PostgreSQL would not read it. */
export type PostgresParser = (sql: string) => Promise<readonly Node[] | undefined>;

let loaded: PostgresParser | undefined;

/**
 * PostgreSQL's parser, which is loaded when it is first asked for: that takes up to 400 ms and 10 MB, which nobody else should pay.
 * @throws {SetupError} SLOWPATH_LIBPG_QUERY_MISSING if `libpg-query` is not installed.
 */
export async function loadPostgresParser(importParser = importLibpgQuery): Promise<PostgresParser> {
  if (loaded !== undefined && importParser === importLibpgQuery) return loaded;
  const library = await importParser().catch((error: unknown) => {
    throw isMissing(error) ? missing() : error;
  });
  const parser: PostgresParser = async (sql) => {
    try {
      const { stmts = [] } = await library.parse(sql);
      return stmts.flatMap(({ stmt }) => (stmt === undefined ? [] : [stmt]));
    } catch {
      // The error's text repeats what stands at the place of the error, which may be a value. It stays here.
      return undefined;
    }
  };
  if (importParser === importLibpgQuery) loaded = parser;
  return parser;
}

function importLibpgQuery(): Promise<LibpgQuery> {
  return import('libpg-query');
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}

function missing(): SetupError {
  return new SetupError(
    'SLOWPATH_LIBPG_QUERY_MISSING',
    'Cannot import `libpg-query`, the parser that rewrites statements. Install it: npm i -D libpg-query',
  );
}
