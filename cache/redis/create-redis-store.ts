import { createHash } from 'node:crypto';
import { SetupError } from '../../core/setup-error.ts';
import { systemTimer } from '../set-timer.ts';
import { connectionOf, subscriberOn } from './connection-of.ts';
import { EntryCodec } from './entry-codec.ts';
import { RedisBus } from './redis-bus.ts';
import type { RedisClient } from './redis-client.ts';
import { RedisKeys } from './redis-keys.ts';
import { RedisStore } from './redis-store.ts';
import { jsonSerializer, type Serializer } from './serializer.ts';

export interface RedisStoreOptions {
  /** Connected, or about to be. It stays the application's: the store never closes it. */
  readonly client: RedisClient;
  /** For telemetry: `redis` unless it is given. */
  readonly name?: string;
  /** Names the cache in Redis: `slowpath` unless it is given. Letters, digits and `._:-`. */
  readonly prefix?: string;
  /** Change it when values change their form: `1` unless it is given. Each version has values of its own. */
  readonly schemaVersion?: string | number;
  /** Larger entries are neither stored nor read: 1 MiB unless it is given. */
  readonly maxItemBytes?: number;
  /** With it, entries are sealed (HMAC-SHA-256): one that somebody else wrote, or copied from another key, is a miss. */
  readonly hmacKey?: string | Uint8Array;
  /** A connection for subscriptions, if the store shall not open one itself, by `client.duplicate()`. */
  readonly subscriber?: RedisClient;
  /** `false`: no subscription. First tiers then keep values for a few seconds only. */
  readonly bus?: boolean;
  /** JSON unless it is given. */
  readonly serializer?: Serializer;
  /** How long a computation may take, in ms, and still be stored: 60 000 unless it is given. */
  readonly leaseMs?: number;
  /** How long, in ms, the bus may be silent before first tiers are emptied: 5000 unless it is given. */
  readonly silenceMs?: number;
}

/** Of the format of keys and envelopes. Another one reads none of the values of this one. */
const FORMAT = '1';
const MAX_ITEM_BYTES = 1024 * 1024;

/**
 * A second tier in Redis 6 or newer, or what speaks its protocol and runs Lua scripts.
 * @throws {SetupError} SLOWPATH_CACHE_REDIS_CLIENT, or SLOWPATH_CACHE_REDIS_OPTION for a value that cannot be used.
 */
export function redisStore(options: RedisStoreOptions): RedisStore {
  const { client, name = 'redis', prefix = 'slowpath', schemaVersion = 1, serializer = jsonSerializer } = options;
  const { hmacKey, maxItemBytes = MAX_ITEM_BYTES, leaseMs = 60_000, silenceMs = 5000 } = options;
  expectWord('prefix', prefix, /^[\w.:-]{1,100}$/, 'up to 100 letters, digits and ._:-, for example "shop"');
  const wordOfVersion = String(schemaVersion);
  expectWord('schemaVersion', wordOfVersion, /^[\w.-]{1,64}$/, 'a number, or up to 64 letters, digits and ._-');
  expectNumber('maxItemBytes', maxItemBytes, 'bytes');
  expectNumber('leaseMs', leaseMs, 'milliseconds');
  expectNumber('silenceMs', silenceMs, 'milliseconds');
  if (hmacKey !== undefined && hmacKey.length < 16) {
    throw optionError(
      'hmacKey',
      `of ${hmacKey.length} characters or bytes`,
      'at least 16, for example 32 random bytes',
    );
  }
  const connection = connectionOf(client);
  const keys = new RedisKeys(prefix);
  const version = [FORMAT, wordOfVersion, ...(hmacKey === undefined ? [] : [keyId(hmacKey)])].join('.');
  return new RedisStore({
    name,
    connection,
    keys,
    codec: new EntryCodec({ version, serializer, maxItemBytes, hmacKey }),
    bus: options.bus === false ? undefined : createBus(),
    leaseMs,
  });

  function createBus(): RedisBus {
    const { subscriber } = options;
    // Here once, so that a mistake is told at set-up.
    if (subscriber !== undefined) subscriberOn(subscriber);
    return new RedisBus({
      channel: keys.channel,
      open: () => (subscriber === undefined ? connection.openSubscriber() : subscriberOn(subscriber)),
      watch: (onReady, onEnd) => connection.watch(onReady, onEnd),
      setTimer: systemTimer,
      silenceMs,
    });
  }
}

/** So that processes with the old and the new key do not overwrite one another's values again and again. */
function keyId(hmacKey: string | Uint8Array): string {
  return createHash('sha256').update('slowpath hmac key id').update(hmacKey).digest('base64url').slice(0, 8);
}

function expectWord(option: string, value: string, form: RegExp, expected: string): void {
  if (!form.test(value)) throw optionError(option, `"${value}"`, expected);
}

function expectNumber(option: string, value: number, unit: string): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw optionError(option, String(value), `a whole number of ${unit} from 1`);
}

function optionError(option: string, found: string, expected: string): SetupError {
  return new SetupError('SLOWPATH_CACHE_REDIS_OPTION', `redisStore({ ${option} }) is ${found}. Give ${expected}.`);
}
