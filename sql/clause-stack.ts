/** Parentheses deeper than this are counted but not looked into for tables. */
const maxDepth = 64;

/** What is known of the clause at each depth of parentheses. */
export class ClauseStack {
  depth = 0;
  private readonly ownsFromAt = new Uint8Array(maxDepth);
  private readonly inFromAt = new Uint8Array(maxDepth);
  private readonly opensAt = new Int32Array(maxDepth);

  /** A FROM here belongs to a statement, not to `EXTRACT(YEAR FROM x)`. */
  get ownsFrom(): boolean {
    return this.depth < maxDepth && this.ownsFromAt[this.depth] === 1;
  }

  /** A comma here leads to the next table. */
  get inFrom(): boolean {
    return this.depth < maxDepth && this.inFromAt[this.depth] === 1;
  }

  set inFrom(inFrom: boolean) {
    if (this.depth < maxDepth) this.inFromAt[this.depth] = inFrom ? 1 : 0;
  }

  /** The token that opened the parenthesis which was closed last; 0 if it was too deep. */
  get lastOpened(): number {
    return this.opensAt[this.depth + 1] ?? 0;
  }

  set(ownsFrom: boolean, inFrom: boolean): void {
    if (this.depth >= maxDepth) return;
    this.ownsFromAt[this.depth] = ownsFrom ? 1 : 0;
    this.inFromAt[this.depth] = inFrom ? 1 : 0;
  }

  open(token: number, inFrom: boolean): void {
    this.depth++;
    this.set(false, inFrom);
    if (this.depth < maxDepth) this.opensAt[this.depth] = token;
  }

  close(): void {
    if (this.depth > 0) this.depth--;
  }

  reset(): void {
    this.depth = 0;
    this.set(false, false);
  }
}
