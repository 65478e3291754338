import type { Dialect } from './dialect.ts';
import { K } from './keywords.ts';
import { NAME, PLACEHOLDER, type TokenList, WORD } from './token-list.ts';

const openParenthesis = 40;

/**
 * What a text does to the transaction of its connection, as a whole: `BEGIN; …; COMMIT` leaves everything as it was, and
 * `COMMIT; BEGIN` (or `COMMIT AND CHAIN`) ends one and starts another.
 */
export class TransactionEffect {
  /** A transaction that the text began is open after it. */
  starts = false;
  /** A transaction that was open before the text is closed by it. */
  ends = false;
  /** Within the body of a routine, END closes a block. */
  private sawDefinition = false;
  private readonly tokens: TokenList;
  private readonly sqlServer: boolean;

  constructor(tokens: TokenList, dialect: Dialect) {
    this.tokens = tokens;
    this.sqlServer = dialect.hashNames;
  }

  /** Reads the statement that starts at token `i` with keyword `code`. */
  read(i: number, code: number): void {
    const { tokens } = this;
    const second = tokens.keyword(i + 1);
    if (code === K.begin) {
      // In Transact-SQL a BEGIN by itself opens a block: `BEGIN TRY`.
      if (!this.sqlServer || this.isTransactionWord(i + 1)) this.starts = true;
    } else if (code === K.start) {
      if (second === K.transaction) this.starts = true;
    } else if (code === K.commit || code === K.abort || code === K.rollback) this.finish(i, code);
    else if (code === K.end) {
      if (!this.sqlServer && !this.sawDefinition) this.finish(i, code);
    } else if (code === K.prepare) {
      // PREPARE TRANSACTION takes it away from the connection; COMMIT PREPARED closes it later, from anywhere.
      if (second === K.transaction) this.end();
    } else if (code === K.xa) {
      if (second === K.start || second === K.begin) this.starts = true;
      else if (second === K.commit || second === K.rollback) this.end();
    } else if (code === K.create || code === K.alter) this.sawDefinition = true;
  }

  private isTransactionWord(i: number): boolean {
    const code = this.tokens.keyword(i);
    if (code === K.tran || code === K.transaction) return true;
    const next = this.tokens.keyword(i + 1);
    // BEGIN DISTRIBUTED TRAN
    return code === 0 && (next === K.tran || next === K.transaction);
  }

  private finish(i: number, code: number): void {
    const { tokens } = this;
    let next = i + 1;
    const second = tokens.keyword(next);
    if (second === K.work || second === K.tran || second === K.transaction) next++;
    const third = tokens.keyword(next);
    if (third === K.to || third === K.prepared) return;
    // A name after ROLLBACK TRAN may be that of the transaction; what drivers write there is a savepoint's.
    if (this.sqlServer && code === K.rollback && next > i + 1 && this.isSavepoint(next)) return;
    this.end();
    if (third === K.and && tokens.keyword(next + 1) === K.chain) this.starts = true;
  }

  private isSavepoint(i: number): boolean {
    const { tokens } = this;
    const kind = tokens.kind(i);
    if (tokens.symbol(i + 1) === openParenthesis) return false;
    return kind === NAME || kind === PLACEHOLDER || (kind === WORD && tokens.keyword(i) === 0);
  }

  private end(): void {
    if (this.starts) this.starts = false;
    else this.ends = true;
  }
}
