/** The systems with a lexer mode of their own; `db.system.name` of the semantic conventions. */
export type SqlSystem = 'postgresql' | 'mysql' | 'mariadb' | 'sqlite' | 'microsoft.sql_server';

/**
 * How one family of databases reads the characters on which families disagree. Where `generic` is true the family is not
 * known: whatever two families would read differently stops the lexer, so that a literal cannot pass for a name.
 */
export interface Dialect {
  /** Index into per-dialect tables. */
  readonly id: number;
  readonly generic: boolean;
  /** `"x"` is a string (MySQL's default) rather than a quoted name. */
  readonly doubleQuoteIsString: boolean;
  /** `"x"` is a name, but an unknown name silently becomes a string (SQLite). */
  readonly doubleQuoteIsGuess: boolean;
  /** `` `x` `` is a quoted name. */
  readonly backtickNames: boolean;
  /** `[x]` is a quoted name; elsewhere brackets are subscripts. */
  readonly bracketNames: boolean;
  /** Every string has backslash escapes. */
  readonly backslashEscapes: boolean;
  /** `E'\n'` has backslash escapes. */
  readonly escapePrefix: boolean;
  /** `$$x$$` and `$tag$x$tag$` are strings. */
  readonly dollarQuotes: boolean;
  /** `$5.00` is an amount of money rather than the fifth placeholder. */
  readonly dollarMoney: boolean;
  readonly nestedComments: boolean;
  /** `#` starts a comment. */
  readonly hashComments: boolean;
  /** `--` starts a comment only when white space follows. */
  readonly dashNeedsSpace: boolean;
  /** `'a' 'b'` is one string: over a newline, over any white space, never. */
  readonly adjacentStrings: 'newline' | 'space' | 'never';
  /** `?` after an operand is the jsonb operator, and `@`, `@@` are operators. */
  readonly postgresOperators: boolean;
  /** `?1` is one placeholder. */
  readonly numberedQuestionMarks: boolean;
  /** `#t` and `a@b` are names. */
  readonly hashNames: boolean;
}

const standard: Dialect = {
  id: 0,
  generic: true,
  doubleQuoteIsString: true,
  doubleQuoteIsGuess: false,
  backtickNames: true,
  bracketNames: false,
  backslashEscapes: false,
  escapePrefix: true,
  dollarQuotes: true,
  dollarMoney: false,
  nestedComments: false,
  hashComments: false,
  dashNeedsSpace: false,
  adjacentStrings: 'never',
  postgresOperators: false,
  numberedQuestionMarks: false,
  hashNames: false,
};

const postgresql: Dialect = {
  ...standard,
  id: 1,
  generic: false,
  doubleQuoteIsString: false,
  backtickNames: false,
  nestedComments: true,
  adjacentStrings: 'newline',
  postgresOperators: true,
};

const mysql: Dialect = {
  ...standard,
  id: 2,
  generic: false,
  backslashEscapes: true,
  escapePrefix: false,
  hashComments: true,
  dashNeedsSpace: true,
  adjacentStrings: 'space',
};

const mariadb: Dialect = { ...mysql, id: 3, dollarQuotes: false };

const sqlite: Dialect = {
  ...standard,
  id: 4,
  generic: false,
  doubleQuoteIsString: false,
  doubleQuoteIsGuess: true,
  bracketNames: true,
  escapePrefix: false,
  dollarQuotes: false,
  numberedQuestionMarks: true,
};

const sqlServer: Dialect = {
  ...standard,
  id: 5,
  generic: false,
  doubleQuoteIsString: false,
  backtickNames: false,
  bracketNames: true,
  escapePrefix: false,
  dollarQuotes: false,
  dollarMoney: true,
  nestedComments: true,
  hashNames: true,
};

/** How many dialects there are: the ids are below it. */
export const dialectCount = 6;

/** The dialect of a `db.system.name` (or of its older names); the conservative generic one for every other string. */
export function dialectOf(system: string): Dialect {
  switch (system) {
    case 'postgresql':
    case 'postgres':
    case 'cockroachdb':
      return postgresql;
    case 'mysql':
      return mysql;
    case 'mariadb':
      return mariadb;
    case 'sqlite':
      return sqlite;
    case 'microsoft.sql_server':
    case 'mssql':
      return sqlServer;
    default:
      return standard;
  }
}
