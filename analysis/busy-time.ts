/** Stretches of time that are kept apart; earlier ones are folded into one. */
const MAX_RUNS = 16;

/**
 * Adds up the time in which at least one of many intervals ran, and counts its runs: stretches without a gap, where each
 * interval overlaps another. Two that only touch are two runs. O(1) for intervals that come in the order of their ends.
 *
 * The order in which they come does not matter while there are at most 16 runs. Beyond that the earliest are folded: an
 * interval that reaches back into them counts as one that overlaps them, and `unionMs` is then a lower bound.
 */
export class BusyTime {
  /** Sorted and apart. */
  readonly #startsMs: number[] = [];
  readonly #endsMs: number[] = [];
  #foldedStartMs = Infinity;
  #foldedEndMs = -Infinity;
  #foldedMs = 0;
  #foldedRuns = 0;

  add(startMs: number, endMs: number): void {
    const lastEndMs = this.#endsMs.at(-1) ?? -Infinity;
    if (startMs < this.#foldedEndMs) this.#addEarly(startMs, endMs);
    else if (startMs < lastEndMs) this.#insert(startMs, endMs);
    else {
      this.#startsMs.push(startMs);
      this.#endsMs.push(endMs);
    }
    if (this.#startsMs.length > MAX_RUNS) this.#foldFirst();
  }

  get unionMs(): number {
    let sumMs = this.#foldedMs;
    for (const [index, startMs] of this.#startsMs.entries()) sumMs += (this.#endsMs[index] ?? startMs) - startMs;
    return sumMs;
  }

  get runCount(): number {
    return this.#foldedRuns + this.#startsMs.length;
  }

  /** Puts an interval among those that are kept, and makes one of all that it overlaps. */
  #insert(startMs: number, endMs: number): void {
    const from = this.#endsMs.findIndex((end) => end > startMs);
    const firstAfter = this.#startsMs.findIndex((start) => start >= endMs);
    const count = Math.max(0, (firstAfter === -1 ? this.#startsMs.length : firstAfter) - from);
    const mergedStartMs = count === 0 ? startMs : Math.min(startMs, this.#startsMs[from] ?? startMs);
    const mergedEndMs = count === 0 ? endMs : Math.max(endMs, this.#endsMs[from + count - 1] ?? endMs);
    this.#startsMs.splice(from, count, mergedStartMs);
    this.#endsMs.splice(from, count, mergedEndMs);
  }

  #foldFirst(): void {
    const startMs = this.#startsMs.shift() ?? 0;
    const endMs = this.#endsMs.shift() ?? 0;
    this.#foldedMs += endMs - startMs;
    this.#foldedRuns++;
    this.#foldedStartMs = Math.min(this.#foldedStartMs, startMs);
    this.#foldedEndMs = Math.max(this.#foldedEndMs, endMs);
  }

  /** Of an interval that reaches back into what was folded, only what stands out of it on either side is new. */
  #addEarly(startMs: number, endMs: number): void {
    const isApart = endMs <= this.#foldedStartMs;
    if (isApart) this.#foldedRuns++;
    if (startMs < this.#foldedStartMs) {
      this.#foldedMs += Math.min(endMs, this.#foldedStartMs) - startMs;
      this.#foldedStartMs = startMs;
    }
    if (endMs <= this.#foldedEndMs) return;
    // It joins the runs behind them, too.
    let reachMs = endMs;
    while ((this.#startsMs[0] ?? Infinity) < endMs) {
      this.#startsMs.shift();
      reachMs = Math.max(reachMs, this.#endsMs.shift() ?? 0);
    }
    this.#foldedMs += reachMs - this.#foldedEndMs;
    this.#foldedEndMs = reachMs;
  }
}
