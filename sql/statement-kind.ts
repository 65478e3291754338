import { CONTROL, keywordFlags, READ, WRITE } from './keywords.ts';

/** What the statements of one text do, taken together: one write makes the text a write. */
export class StatementKind {
  /** A statement of transaction or session control was read, so that `control` is not just what is left over. */
  sawControl = false;
  isWrite = false;
  isRead = false;
  sawFrom = false;
  /** It calls a function, takes a value or names something: no ping. */
  sawCall = false;
  /** What a SELECT calls sets or tells the session something: `SELECT set_config(…)`. */
  private callsSession = false;
  private anyRead = false;
  private anyWrite = false;

  /** Of all statements that have ended. */
  get all(): 'read' | 'write' | 'control' {
    if (this.anyWrite) return 'write';
    return this.anyRead ? 'read' : 'control';
  }

  /** The statement reads or changes data; to be asked before it ends. `isSelect`: it began with SELECT. */
  isData(isSelect: boolean): boolean {
    return this.isWrite || (this.isRead && (!isSelect || this.sawFrom || (this.sawCall && !this.callsSession)));
  }

  start(code: number): void {
    const flags = keywordFlags[code] ?? 0;
    if ((flags & CONTROL) !== 0) this.sawControl = true;
    this.isWrite = (flags & WRITE) !== 0;
    this.isRead = (flags & READ) !== 0 || flags === 0;
  }

  /** The first call of a SELECT is one of the session: it is no read, unless it reads a table as well. */
  startSessionCall(): void {
    this.callsSession = this.sawControl = true;
  }

  end(isData: boolean): void {
    if (isData && this.isWrite) this.anyWrite = true;
    else if (isData) this.anyRead = true;
    this.isWrite = this.isRead = this.sawFrom = this.sawCall = this.callsSession = false;
  }
}
