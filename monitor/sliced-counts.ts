import { PackedReader, PackedWriter, type Packed } from '../core/packed-numbers.ts';
import type { StatisticsWindow } from './statistics.ts';

/** A ring of slices of one width; the slice that is running counts as one of its `slots`. */
export interface SliceLevel {
  readonly window: StatisticsWindow;
  readonly widthMs: number;
  readonly slots: number;
}

/** Counts that can be added up and put away. */
export interface Counts<T> {
  readonly isEmpty: boolean;
  merge(other: T): void;
  pack(writer: PackedWriter): void;
  addPacked(reader: PackedReader): void;
  /** Forgets everything, and keeps its memory. */
  clear(): void;
}

/** What all series of a kind share. */
export interface SlicePlan<T> {
  readonly levels: readonly SliceLevel[];
  readonly create: () => T;
  /** One to add up in, empty between two uses. */
  readonly scratch: T;
}

const writer = new PackedWriter();
const reader = new PackedReader();

/**
 * The counts of one series (an endpoint, a query shape) by slices of time. Only the slice that is running is open; one that
 * is over is packed, and when the slice of the next level is over, its parts are added up to it.
 *
 * Time moves when the series is used: there is no timer, and no moment at which all series have to move. A series that is
 * not used keeps what it has until it is read.
 */
export class SlicedCounts<T extends Counts<T>> {
  readonly #plan: SlicePlan<T>;
  readonly #live: T;
  /** Slices that are over, by level. Slice n of a level stands at `n % slots`; what is no longer in the ring is undefined. */
  readonly #rings: (Packed | undefined)[][];
  /** Everything up to the last slice of the highest level that is over. */
  #past: Packed | undefined;
  /** Number of the running slice of the lowest level, from 0 at time 0. */
  #index = 0;

  constructor(plan: SlicePlan<T>) {
    this.#plan = plan;
    this.#live = plan.create();
    this.#rings = plan.levels.map(({ slots }) => Array.from({ length: slots }, () => undefined));
  }

  /** The counts of the slice that runs at `elapsedMs`, to be added to. Time must not go back. */
  at(elapsedMs: number): T {
    const index = Math.floor(elapsedMs / (this.#plan.levels[0] as SliceLevel).widthMs);
    if (index > this.#index) this.#moveTo(index);
    return this.#live;
  }

  /** Adds to `into` what was counted in the window that ends at `elapsedMs`. */
  addTo(into: T, window: StatisticsWindow, elapsedMs: number): void {
    this.at(elapsedMs);
    const { levels } = this.#plan;
    // Of the levels below, the slices that are not yet part of one above.
    let below = levels.findIndex((level) => level.window === window);
    if (below === -1) {
      unpack(this.#past, into);
      below = levels.length - 1;
      this.#addPartsOfRunning(below, into);
    } else {
      for (const slice of this.#ring(below)) unpack(slice, into);
    }
    for (let level = below - 1; level >= 0; level--) this.#addPartsOfRunning(level, into);
    into.merge(this.#live);
  }

  #moveTo(index: number): void {
    const { levels } = this.#plan;
    const from = this.#index;
    const [{ slots: slotCount }] = levels as [SliceLevel];
    this.#ring(0)[from % slotCount] = this.#live.isEmpty ? undefined : packed(this.#live);
    this.#live.clear();
    let ended = from;
    let isOver = true;
    for (let level = 1; level < levels.length && isOver; level++) {
      const parent = this.#parentOf(level - 1, ended);
      isOver = parent < this.#indexAt(level, index);
      if (isOver) this.#slotOf(level, parent, this.#sumOfParts(level - 1, parent, ended));
      ended = parent;
    }
    const top = levels.length - 1;
    if (isOver) this.#past = this.#sum([this.#past, this.#ring(top)[ended % (levels[top] as SliceLevel).slots]]);
    for (let level = 0; level < levels.length; level++) this.#forget(level, from, index);
    this.#index = index;
  }

  /** Takes out of the ring what the running slice pushes out of it. A long pause empties it: never more than its slots. */
  #forget(level: number, from: number, index: number): void {
    const { slots } = this.#plan.levels[level] as SliceLevel;
    const newest = this.#indexAt(level, index);
    const first = Math.max(this.#indexAt(level, from) + 1, newest - slots + 1);
    for (let gone = first; gone <= newest; gone++) this.#slotOf(level, gone, undefined);
  }

  /** The slices of `level` that are over and lie in the running slice of the level above it. */
  #addPartsOfRunning(level: number, into: T): void {
    const ring = this.#ring(level);
    const running = this.#indexAt(level, this.#index);
    const first = level + 1 < this.#rings.length ? this.#firstPartOf(level, this.#parentOf(level, running)) : running;
    for (let part = first; part < running; part++) unpack(ring[part % ring.length], into);
  }

  #sumOfParts(level: number, parent: number, last: number): Packed | undefined {
    const ring = this.#ring(level);
    const parts: (Packed | undefined)[] = [];
    for (let part = this.#firstPartOf(level, parent); part <= last; part++) parts.push(ring[part % ring.length]);
    return this.#sum(parts);
  }

  #sum(parts: readonly (Packed | undefined)[]): Packed | undefined {
    const full = parts.filter((part) => part !== undefined);
    // One part is the sum itself: the same string stands in both rings.
    if (full.length < 2) return full[0];
    const { scratch } = this.#plan;
    for (const part of full) unpack(part, scratch);
    const sum = packed(scratch);
    scratch.clear();
    return sum;
  }

  /** The number of the slice of `level` in which slice `index` of the lowest level lies. */
  #indexAt(level: number, index: number): number {
    const { levels } = this.#plan;
    return Math.floor((index * (levels[0] as SliceLevel).widthMs) / (levels[level] as SliceLevel).widthMs);
  }

  #parentOf(level: number, index: number): number {
    return Math.floor(index / this.#partsAbove(level));
  }

  #firstPartOf(level: number, parent: number): number {
    return parent * this.#partsAbove(level);
  }

  #partsAbove(level: number): number {
    const { levels } = this.#plan;
    return (levels[level + 1] as SliceLevel).widthMs / (levels[level] as SliceLevel).widthMs;
  }

  #slotOf(level: number, index: number, slice: Packed | undefined): void {
    const ring = this.#ring(level);
    ring[index % ring.length] = slice;
  }

  #ring(level: number): (Packed | undefined)[] {
    return this.#rings[level] as (Packed | undefined)[];
  }
}

function packed<T extends Counts<T>>(counts: T): Packed {
  counts.pack(writer);
  return writer.take();
}

function unpack<T extends Counts<T>>(slice: Packed | undefined, into: T): void {
  if (slice !== undefined) into.addPacked(reader.open(slice));
}
