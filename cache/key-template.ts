import { SetupError } from '../core/setup-error.ts';
import { encodeKeyPart } from './encode-key-part.ts';

/** Longer parts are hashed: a key is in memory as often as its value, and in every command to a second tier. */
export const KEY_PART_LENGTH_MAX = 128;

const SEGMENT = /^(?:(?<literal>[A-Za-z0-9_.-]+)|\{(?<name>[A-Za-z_][A-Za-z0-9_]*)\})$/;
/** What a user's id becomes when there was none: `${user?.id}`. */
const NO_USER: ReadonlySet<string> = new Set(['undefined', 'null', 'NaN', '[object Object]']);
const TOO_LONG = `longer than ${KEY_PART_LENGTH_MAX} characters`;
const KINDS = 'Pass a text that is not empty, a finite number or a bigint.';

export interface TemplateOptions {
  /** For messages: `cache key user:{userId}:settings`. */
  readonly what: string;
  /** Puts the name of each parameter before its value. */
  readonly named: boolean;
  /** 1 adds nothing. */
  readonly version?: number;
  /** A parameter that must not be the text of a missing value. */
  readonly userParam?: string | undefined;
}

/** A pattern, taken apart once: filling it in joins strings. */
export class KeyTemplate {
  readonly names: readonly string[];
  /** One more than names: what stands before, between and after the parameters. */
  readonly #literals: readonly string[];
  readonly #what: string;
  readonly #userIndex: number;

  /** @throws {SetupError} SLOWPATH_CACHE_PATTERN if `pattern` is none. */
  constructor(pattern: string, { what, named, version = 1, userParam }: TemplateOptions) {
    const { names, literals } = takeApart(pattern, what, named);
    if (version !== 1) literals.push(`${literals.pop()}:=${version}`);
    this.names = names;
    this.#literals = literals;
    this.#what = what;
    this.#userIndex = userParam === undefined ? -1 : names.indexOf(userParam);
  }

  /**
   * The encoded parts, in the order of `names`.
   * @throws {SetupError} SLOWPATH_CACHE_KEY_PART, with the parameter's name and without its value.
   */
  partsOf(params: Readonly<Record<string, unknown>> | undefined): string[] {
    const { names } = this;
    const parts: string[] = [];
    for (let i = 0; i < names.length; i++) {
      const value = params?.[names[i] as string];
      const text = typeof value === 'string' ? value : textOf(value);
      if (text === '' || (i === this.#userIndex && NO_USER.has(text))) throw this.#refusal(i, kindOf(value), KINDS);
      if (text.length > KEY_PART_LENGTH_MAX) throw this.#refusal(i, TOO_LONG, 'Pass hashKeyPart(text) in its place.');
      parts.push(encodeKeyPart(text));
    }
    return parts;
  }

  /** The text with `parts[order[i]]` for its i-th parameter; `order` left out: in their own order. */
  join(parts: readonly string[], order?: readonly number[]): string {
    const literals = this.#literals;
    let text = literals[0] as string;
    for (let i = 1; i < literals.length; i++) {
      text += (parts[order === undefined ? i - 1 : (order[i - 1] as number)] as string) + (literals[i] as string);
    }
    return text;
  }

  #refusal(i: number, what: string, advice: string): SetupError {
    const message = `${this.#what}: the parameter {${this.names[i]}} is ${what}. ${advice}`;
    return new SetupError('SLOWPATH_CACHE_KEY_PART', message);
  }
}

/** Empty for what is no part. */
function textOf(value: unknown): string {
  return typeof value === 'bigint' || Number.isFinite(value) ? String(value) : '';
}

function takeApart(pattern: string, what: string, named: boolean): { names: string[]; literals: string[] } {
  const names: string[] = [];
  const literals = [''];
  for (const [i, segment] of String(pattern).split(':').entries()) {
    const { literal, name } = SEGMENT.exec(segment)?.groups ?? {};
    if (i > 0) literals.push(`${literals.pop()}:`);
    if (literal !== undefined) literals.push(`${literals.pop()}${literal}`);
    else if (name !== undefined) {
      if (named) literals.push(`${literals.pop()}${name}=`);
      names.push(name);
      literals.push('');
    } else throw malformed(what, segment);
  }
  return { names, literals };
}

function malformed(what: string, segment: string): SetupError {
  return new SetupError(
    'SLOWPATH_CACHE_PATTERN',
    `${what}: "${segment}" is no segment of a pattern. Write segments with ":" between them, each either plain ` +
      'letters, digits, "_", "." and "-", or one parameter in braces: user:{userId}:settings.',
  );
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (value === '') return 'empty';
  if (typeof value === 'number') return 'not a finite number';
  // Of a text, only what it stands for in the place of a missing value is said; it is none of a user's.
  if (typeof value === 'string') return 'the text of a missing value ("undefined", "null", …)';
  return `of type ${typeof value}`;
}
