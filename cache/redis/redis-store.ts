import type { CacheStore, StoredEntry, StoreFence, StoreMessage, StoreRead, WindowCount } from '../store.ts';
import { parseClearRecord, VERSIONS_MAX } from './clear-record.ts';
import { EntryCodec, type RedisStoreCounters } from './entry-codec.ts';
import type { Envelope } from './envelope.ts';
import { randomId } from './random-id.ts';
import type { RedisBus } from './redis-bus.ts';
import type { RedisConnection } from './redis-connection.ts';
import { RedisFence } from './redis-fence.ts';
import type { RedisKeys } from './redis-keys.ts';
import { CLEAR, DELETE, INCREMENT, INVALIDATE_TAGS, PREPARE, STORE, VERSIONS } from './scripts.ts';

/** An entry that names more tags is not stored; a script takes some 8000 keys at most. */
const TAGS_MAX = 1000;
/** Tags that one message and one script carry. */
const TAGS_PER_SCRIPT = 500;
/** A year: Redis takes longer times, but no cache means them. */
const LIFETIME_MS_MAX = 365 * 24 * 3600 * 1000;

/** The parts that `redisStore` puts together. */
export interface RedisStoreParts {
  readonly name: string;
  readonly connection: RedisConnection;
  readonly keys: RedisKeys;
  readonly codec: EntryCodec;
  readonly bus: RedisBus | undefined;
  /** How long a computation may take, in ms, and still be stored. */
  readonly leaseMs: number;
}

/**
 * A second tier in Redis. How it keeps the promises of `CacheStore` without locks, clocks or counters is told in
 * docs/cache-redis.md; the steps stand with each script in `scripts.ts`.
 */
export class RedisStore implements CacheStore {
  readonly name: string;
  readonly #connection: RedisConnection;
  readonly #keys: RedisKeys;
  readonly #codec: EntryCodec;
  readonly #bus: RedisBus | undefined;
  readonly #leaseMs: string;
  /** Versions of the application whose values `delete` removes: this one's, and all that it has heard of. */
  readonly #versions: Set<string>;

  constructor({ name, connection, keys, codec, bus, leaseMs }: RedisStoreParts) {
    this.name = name;
    this.#connection = connection;
    this.#keys = keys;
    this.#codec = codec;
    this.#bus = bus;
    this.#leaseMs = String(leaseMs);
    this.#versions = new Set([codec.version]);
  }

  /** Counts since the start, as they are now. */
  get counters(): RedisStoreCounters {
    return { ...this.#codec.counters, busFaults: this.#bus?.faultCount ?? 0 };
  }

  async read(key: string, tags: readonly string[]): Promise<StoreRead> {
    const names = [...new Set(tags)];
    const { clear, sequence } = this.#keys;
    const { pttlMs, values } = await this.#connection.fetch([
      this.#valueKey(key),
      clear,
      sequence,
      ...names.map((tag) => this.#keys.tag(tag)),
    ]);
    const [text, clearText, sequenceText, ...versionTexts] = values;
    const clearId = parseClearRecord(clearText)?.id;
    const known = toVersions(names, versionTexts);
    const envelope = this.#codec.open(text, this.#valueKey(key));
    const holds =
      envelope !== undefined && envelope.clearId === clearId && (await this.#tagsHold(envelope, names, known));
    // PTTL was asked first: if the value was replaced in between, the time is that of the value before it, which is never too
    // long once it is cut to the new value's own. Without a value before it (-2), the new one has its whole time.
    const entry = holds ? this.#codec.toEntry(envelope, pttlMs === -2 ? Infinity : Number(pttlMs)) : undefined;
    if (envelope === undefined || entry === undefined) {
      return { entry: undefined, fence: await this.#prepare(key, names, new Map()) };
    }
    // It is about to be computed again, and may be gone by then: a lease is not.
    if (entry.freshMs <= 0) return { entry, fence: await this.#prepare(key, names, envelope.versions) };
    const sequenceNow = typeof sequenceText === 'string' ? sequenceText : undefined;
    const { token, versions } = envelope;
    return { entry, fence: new RedisFence({ key, token, clearId: envelope.clearId, sequence: sequenceNow, versions }) };
  }

  async write(key: string, entry: StoredEntry, fence: StoreFence): Promise<number | undefined> {
    const lifetimeMs = Math.floor(Math.min(entry.freshMs + entry.staleMs, LIFETIME_MS_MAX));
    const tags = [...new Set(entry.tags)];
    if (!(fence instanceof RedisFence) || fence.key !== key || !(lifetimeMs >= 1) || tags.length > TAGS_MAX)
      return undefined;
    const body = this.#codec.encode(entry.value);
    if (body === undefined) return undefined;
    const versions = await this.#versionsAt(fence, tags);
    if (versions === undefined) return undefined;
    const { token, clearId } = fence;
    const valueKey = this.#valueKey(key);
    const envelope = { token, clearId, versions, body, ...wholeMs(entry) };
    const sealed = this.#codec.seal(envelope, valueKey);
    if (sealed === undefined) return undefined;
    const stored = await this.#connection.evaluate(
      STORE,
      [valueKey, this.#keys.lease(key), this.#keys.clear, ...tags.map((tag) => this.#keys.tag(tag))],
      [token, clearId, String(lifetimeMs), sealed.text, ...versions.values()],
    );
    return stored === 1 ? sealed.bytes : undefined;
  }

  async delete(key: string): Promise<void> {
    // A version that is not known yet is told by the reply. Each attempt learns one at least.
    for (let attempts = 0; attempts <= VERSIONS_MAX; attempts++) {
      const versions = [...this.#versions];
      const reply = await this.#connection.evaluate(
        DELETE,
        [this.#keys.clear, this.#keys.lease(key), ...versions.map((version) => this.#keys.value(key, version))],
        [this.#keys.channel, this.#message('key', [key]), ...versions],
      );
      const listed = parseClearRecord(reply)?.versions;
      if (listed === undefined) return;
      this.#versions.clear();
      for (const version of [this.#codec.version, ...listed]) this.#versions.add(version);
    }
    throw new Error('Versions of the application changed faster than a key could be deleted.');
  }

  async invalidateTags(tags: readonly string[]): Promise<void> {
    const names = [...new Set(tags)];
    for (let start = 0; start < names.length; start += TAGS_PER_SCRIPT) {
      const some = names.slice(start, start + TAGS_PER_SCRIPT);
      await this.#connection.evaluate(
        INVALIDATE_TAGS,
        [this.#keys.sequence, ...some.map((tag) => this.#keys.tag(tag))],
        [randomId(), this.#keys.channel, this.#message('tag', some)],
      );
    }
  }

  async clear(): Promise<void> {
    await this.#connection.evaluate(
      CLEAR,
      [this.#keys.clear, this.#keys.sequence],
      [`${randomId()} ${this.#codec.version}`, randomId(), this.#keys.channel, this.#message('everything', [])],
    );
  }

  async increment(key: string, windowMs: number): Promise<WindowCount> {
    const window = String(Math.max(1, Math.ceil(windowMs)));
    const [count, resetMs] = await this.#connection.evaluateList(INCREMENT, [this.#keys.counter(key)], [window]);
    return { count: Number(count), resetMs: Number(resetMs) };
  }

  subscribe(listener: (message: StoreMessage) => void): (() => void) | undefined {
    return this.#bus?.subscribe(listener);
  }

  async dispose(): Promise<void> {
    this.#bus?.dispose();
  }

  #valueKey(key: string): string {
    return this.#keys.value(key, this.#codec.version);
  }

  #message(kind: StoreMessage['kind'], names: readonly string[]): string {
    return this.#bus?.messageOf(kind, names) ?? JSON.stringify(['', kind, ...names]);
  }

  /** True if all tags are what they were. An entry that lacks a tag of its reader's was written by code that had another list. */
  async #tagsHold(
    { versions }: Envelope,
    names: readonly string[],
    known: ReadonlyMap<string, string>,
  ): Promise<boolean> {
    if (!names.every((tag) => versions.has(tag) && versions.get(tag) === known.get(tag))) return false;
    const others = [...versions.keys()].filter((tag) => !names.includes(tag));
    if (others.length === 0) return true;
    const texts = await this.#connection.mget(others.map((tag) => this.#keys.tag(tag)));
    return others.every((tag, index) => texts[index] === versions.get(tag));
  }

  /**
   * `others`: versions of further tags. The token is new even where a value has one: brought back after a deletion that came since,
   * it would make the fences good again that the deletion voided.
   */
  async #prepare(key: string, tags: readonly string[], others: ReadonlyMap<string, string>): Promise<RedisFence> {
    const [lease, clear, sequence, ...versions] = await this.#connection.evaluateList(
      PREPARE,
      [this.#keys.lease(key), this.#keys.clear, this.#keys.sequence, ...tags.map((tag) => this.#keys.tag(tag))],
      [randomId(), this.#leaseMs, this.#codec.version, String(VERSIONS_MAX), ...randomIds(tags.length + 2)],
    );
    return new RedisFence({
      key,
      token: String(lease),
      clearId: parseClearRecord(clear)?.id ?? '',
      sequence: String(sequence),
      versions: new Map([...others, ...toVersions(tags, versions)]),
    });
  }

  /**
   * The versions of an entry's tags when its computation started. Of tags that the read did not know, the versions are those of
   * now, which are those of then if no tag of the cache was invalidated since. `undefined`: one was, perhaps one of these.
   */
  async #versionsAt(fence: RedisFence, tags: readonly string[]): Promise<ReadonlyMap<string, string> | undefined> {
    const added = tags.filter((tag) => !fence.versions.has(tag));
    let now: ReadonlyMap<string, string> = new Map();
    if (added.length > 0) {
      const [sequence, ...versions] = await this.#connection.evaluateList(
        VERSIONS,
        [this.#keys.sequence, ...added.map((tag) => this.#keys.tag(tag))],
        [this.#leaseMs, ...randomIds(added.length)],
      );
      if (fence.sequence === undefined || sequence !== fence.sequence) return undefined;
      now = toVersions(added, versions);
    }
    return new Map(tags.map((tag) => [tag, fence.versions.get(tag) ?? now.get(tag) ?? '']));
  }
}

function toVersions(tags: readonly string[], texts: readonly unknown[]): ReadonlyMap<string, string> {
  return new Map(
    tags.flatMap((tag, index) => {
      const text = texts[index];
      return typeof text === 'string' ? [[tag, text] as const] : [];
    }),
  );
}

function wholeMs({ freshMs, staleMs, computeMs }: StoredEntry): Pick<Envelope, 'freshMs' | 'staleMs' | 'computeMs'> {
  const whole = (ms: number): number => Math.round(Math.min(Math.max(0, ms), LIFETIME_MS_MAX));
  return { freshMs: whole(freshMs), staleMs: whole(staleMs), computeMs: whole(computeMs) };
}

function randomIds(count: number): string[] {
  return Array.from({ length: count }, randomId);
}
