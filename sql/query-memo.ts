/** Bounds of one memo. */
const maxEntriesPerGeneration = 1000;
const maxUnitsPerGeneration = 512 * 1024;
/** Longer texts are looked at each time: hashing them costs as much as a cache may save. */
export const maxMemoTextLength = 8192;

/** A miss adds 2, a hit takes 1 away: above this score the traffic has its values in the text, and storing it is vain. */
const maxMissScore = 1000;
const missesPaused = 2000;

/**
 * Remembers a value per text in two generations of a Map: when the young one is full it becomes the old one, whose
 * entries are dropped with it unless they were asked for meanwhile. A hit is one look-up, nothing is moved or counted out.
 */
export class QueryMemo<Value> {
  hits = 0;
  misses = 0;
  /** Values that were not stored: texts too long, or seen while storing was paused. */
  notStored = 0;
  private young = new Map<string, Value>();
  private old = new Map<string, Value>();
  private youngUnits = 0;
  private oldUnits = 0;
  private missScore = 0;
  private pausedMisses = 0;

  /** Entries held, at most 2000. */
  get size(): number {
    return this.young.size + this.old.size;
  }

  /** Characters of text held, at most 1 MiB. */
  get units(): number {
    return this.youngUnits + this.oldUnits;
  }

  get(text: string): Value | undefined {
    let value = this.young.get(text);
    if (value === undefined) {
      value = this.old.get(text);
      if (value === undefined) {
        this.misses++;
        return undefined;
      }
      this.store(text, value);
    }
    this.hits++;
    if (this.missScore > 0) this.missScore--;
    return value;
  }

  /** Stores the value that was computed after `get` had found none. */
  set(text: string, value: Value): void {
    if (text.length > maxMemoTextLength || this.isPaused()) {
      this.notStored++;
      return;
    }
    this.store(text, value);
  }

  clear(): void {
    this.young = new Map();
    this.old = new Map();
    this.youngUnits = this.oldUnits = 0;
    this.hits = this.misses = this.notStored = 0;
    this.missScore = this.pausedMisses = 0;
  }

  // Pauses after a run of misses and tries again later: what is stored stays, so that the parameterised statements
  // between the unique ones go on being hits.
  private isPaused(): boolean {
    if (this.pausedMisses > 0) {
      this.pausedMisses--;
      return true;
    }
    this.missScore += 2;
    if (this.missScore <= maxMissScore) return false;
    this.missScore = 0;
    this.pausedMisses = missesPaused - 1;
    return true;
  }

  private store(text: string, value: Value): void {
    if (this.young.size >= maxEntriesPerGeneration || this.youngUnits + text.length > maxUnitsPerGeneration) {
      this.old = this.young;
      this.oldUnits = this.youngUnits;
      this.young = new Map();
      this.youngUnits = 0;
    }
    this.young.set(text, value);
    this.youngUnits += text.length;
  }
}
