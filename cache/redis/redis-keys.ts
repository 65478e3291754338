import { createHash } from 'node:crypto';

/** Longer names stand as their hash: a key is held in memory up to three times, and is sent with each command. */
const NAME_LENGTH_MAX = 200;

/**
 * Names of everything that a cache keeps in Redis. All begin with `{prefix}`, so that they stand in one slot of a Redis Cluster:
 * MGET and scripts work on keys of one slot only.
 */
export class RedisKeys {
  readonly #prefix: string;
  readonly clear: string;
  readonly sequence: string;
  readonly channel: string;

  constructor(prefix: string) {
    this.#prefix = `{${prefix}}:`;
    this.clear = `${this.#prefix}clear`;
    this.sequence = `${this.#prefix}sequence`;
    this.channel = `${this.#prefix}bus`;
  }

  value(key: string, version: string): string {
    return `${this.#prefix}v:${version}:${encodeName(key)}`;
  }

  lease(key: string): string {
    return `${this.#prefix}l:${encodeName(key)}`;
  }

  tag(tag: string): string {
    return `${this.#prefix}t:${encodeName(tag)}`;
  }

  counter(key: string): string {
    return `${this.#prefix}n:${encodeName(key)}`;
  }
}

/**
 * No two texts have one name. Half a surrogate pair has no form in UTF-8: clients send every such half as the same letter, so
 * texts that hold one are told apart by a hash of their UTF-16.
 */
function encodeName(text: string): string {
  if (text.length <= NAME_LENGTH_MAX && text.isWellFormed()) return `=${text}`;
  return `#${createHash('sha256').update(text, 'utf16le').digest('base64url')}`;
}
