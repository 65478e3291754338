import { createHmac, hash, type BinaryLike } from 'node:crypto';
import { SetupError } from '../core/setup-error.ts';

declare const HASHED: unique symbol;

/** 22 characters from the alphabet of base64url, made by `hashKeyPart`. */
export type HashedKeyPart = string & { readonly [HASHED]: true };

export interface HashKeyPartOptions {
  /** Makes the hash an HMAC-SHA-256. Use one secret for all processes that share a second tier. */
  readonly hmacKey?: string | Uint8Array;
  /** Leaves out white space at both ends. */
  readonly trim?: boolean;
  /** Takes each run of white space for one space. */
  readonly collapseWhitespace?: boolean;
  /** Takes capital and small letters for the same. */
  readonly ignoreCase?: boolean;
}

/** 132 bits: equal hashes of different texts are out of reach, by chance and for someone who looks for them. */
const HASH_LENGTH = 22;
/** Never a byte of UTF-8: what follows it is the hash's input in another form. */
const NOT_UTF8 = Uint8Array.of(0xff);

/**
 * Stands for a text that must not be in a key, or is too long for one: a session's token, an e-mail address, a search phrase,
 * a filter, an URL. The first 22 characters of the text's SHA-256 in base64url.
 *
 * Keys are not secret. They are in the memory of a second tier, in its dumps and in the output of its `MONITOR`, so a token as part
 * of a key is a token given away. A hash cannot be turned back, but one of few possible texts (a phone number, an address) can be
 * found by trying all of them: pass `hmacKey` for these, and nobody without it can try.
 *
 * Nothing is normalised unless an option says so: `{ trim: true, collapseWhitespace: true, ignoreCase: true }` makes one key of
 * the ways to type the same search phrase. Never normalise a secret.
 * @throws {SetupError} SLOWPATH_CACHE_KEY_PART if `text` is no string, or empty (once it is normalised): an empty token is one that
 *   everybody without a token has.
 */
export function hashKeyPart(text: string, options?: HashKeyPartOptions): HashedKeyPart {
  const normalized = options === undefined ? text : normalize(text, options);
  if (typeof normalized !== 'string' || normalized === '') throw notHashable(text);
  const input = normalized.isWellFormed() ? normalized : bytesOf(normalized);
  const key = options?.hmacKey;
  const digest =
    key === undefined
      ? hash('sha256', input, 'base64url')
      : createHmac('sha256', key).update(input).digest('base64url');
  return digest.slice(0, HASH_LENGTH) as HashedKeyPart;
}

function normalize(text: string, { trim, collapseWhitespace, ignoreCase }: HashKeyPartOptions): string {
  if (typeof text !== 'string') return text;
  let normalized = trim ? text.trim() : text;
  if (collapseWhitespace) normalized = normalized.replaceAll(/\s+/g, ' ');
  return ignoreCase ? normalized.toLowerCase() : normalized;
}

/** Halves of characters have no UTF-8: encoded as such, all texts with one in the same place would be the same. */
function bytesOf(text: string): BinaryLike & NodeJS.ArrayBufferView {
  return Buffer.concat([NOT_UTF8, Buffer.from(text, 'utf16le')]);
}

function notHashable(text: unknown): SetupError {
  const what = typeof text === 'string' ? 'an empty text' : text === null ? 'null' : `of type ${typeof text}`;
  return new SetupError(
    'SLOWPATH_CACHE_KEY_PART',
    `hashKeyPart: the text is ${what}. Pass a string that is not empty; for "none", a word of your own.`,
  );
}
