/** Shapes that are armed, or were and showed no line. */
export const MAX_ARMED_SHAPES = 64;
/** Stacks that are read for one armed shape. When none of them shows a line of the application, a further one will not. */
export const CAPTURES_PER_ARMING = 16;

/** Shapes whose next calls are to take their stack at once. Bounded: the oldest goes first. */
export class ArmedShapes {
  /** Captures left; 0 for a shape whose captures were in vain. */
  readonly #left = new Map<string, number>();
  #size = 0;

  /** Shapes with captures left. */
  get size(): number {
    return this.#size;
  }

  has(shape: string): boolean {
    return this.#size > 0 && (this.#left.get(shape) ?? 0) > 0;
  }

  arm(shape: string): void {
    if (this.#left.has(shape)) return;
    const [oldest] = this.#left.keys();
    if (oldest !== undefined && this.#left.size >= MAX_ARMED_SHAPES) this.disarm(oldest);
    this.#left.set(shape, CAPTURES_PER_ARMING);
    this.#size++;
  }

  /** Counts a capture of the shape that showed no line. Those that nobody read count for nothing. */
  inVain(shape: string): void {
    const left = this.#left.get(shape);
    if (left === undefined || left === 0) return;
    this.#left.set(shape, left - 1);
    if (left === 1) this.#size--;
  }

  disarm(shape: string): void {
    if (this.has(shape)) this.#size--;
    this.#left.delete(shape);
  }
}
