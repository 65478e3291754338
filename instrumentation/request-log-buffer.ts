/** Lines become one piece when they reach this size. */
const PIECE_BYTES = 65_536;
const NEWLINE = 10;

/**
 * Lines that wait to be written, as bytes in their order, `maxBytes` at the most. Bytes are taken off its front as the target
 * takes them, so a line may be half gone.
 */
export class RequestLogBuffer {
  readonly #maxBytes: number;
  #lines = '';
  #lineBytes = 0;
  readonly #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  /** What was taken last ends within a line. */
  #isWithinLine = false;
  /** The rest of that line was dropped, so that a newline must come before the next one. */
  #isTorn = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#lineBytes + this.#pieceBytes;
  }

  /** True when `front` has a piece. */
  get isPieceReady(): boolean {
    return this.#pieces.length > 0;
  }

  /** Adds a line that ends with its newline; false when there is no place for it. */
  add(line: string): boolean {
    const size = Buffer.byteLength(line);
    if (this.bytes + size > this.#maxBytes) return false;
    this.#lines += line;
    this.#lineBytes += size;
    if (this.#lineBytes >= PIECE_BYTES) this.seal();
    return true;
  }

  /** Makes a piece of the lines that came since the last one. */
  seal(): void {
    if (this.#lineBytes === 0) return;
    const piece = Buffer.from(this.#lines);
    this.#lines = '';
    this.#lineBytes = 0;
    this.#pieces.push(piece);
    this.#pieceBytes += piece.length;
  }

  /** The oldest sealed piece, what was taken of it left out. */
  front(): Uint8Array | undefined {
    const [piece] = this.#pieces;
    if (piece === undefined || !this.#isTorn || piece[0] === NEWLINE) return piece;
    this.#pieceBytes++;
    return (this.#pieces[0] = Buffer.concat([Uint8Array.of(NEWLINE), piece]));
  }

  /** `count` bytes of the front have been written. */
  take(count: number): void {
    const [piece] = this.#pieces;
    if (piece === undefined || count === 0) return;
    this.#isWithinLine = piece[count - 1] !== NEWLINE;
    this.#isTorn = false;
    this.#pieceBytes -= count;
    if (count === piece.length) this.#pieces.shift();
    else this.#pieces[0] = piece.subarray(count);
  }

  /** Drops the front piece, and returns how many lines are lost by it: a line that was half written is one of them. */
  dropFront(): number {
    const piece = this.#pieces.shift();
    if (piece === undefined) return 0;
    this.#pieceBytes -= piece.length;
    this.#isTorn = this.#isWithinLine;
    // A newline that stands first ends a torn line, which was counted when it was torn.
    return countLines(piece) - (piece[0] === NEWLINE ? 1 : 0);
  }

  /** Drops everything, and returns how many lines are lost by it. */
  dropAll(): number {
    this.seal();
    let count = 0;
    while (this.#pieces.length > 0) count += this.dropFront();
    return count;
  }
}

function countLines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
