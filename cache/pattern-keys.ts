import { SetupError } from '../core/setup-error.ts';
import type { CacheKey, CacheScope, KeyDefinition } from './cache-key.ts';
import { KeyTemplate } from './key-template.ts';

const USER_PARAM = 'userId';

/** The options of `defineKey`, as they arrive from code that no compiler has seen. */
export interface PatternOptions {
  readonly ttl: number;
  readonly tags?: readonly string[];
  readonly scope?: CacheScope;
  readonly staleSeconds?: number;
  readonly version?: number;
}

/** Names and values of parameters. */
export type Params = Readonly<Record<string, unknown>>;

/** A tag of a pattern, and which parts of the key fill it in. */
interface TagTemplate {
  readonly template: KeyTemplate;
  readonly order: readonly number[];
}

/** A pattern with its options checked: what fills in keys and tags. */
export class PatternKeys {
  readonly definition: KeyDefinition;
  /** All that a second definition of the pattern must agree in. */
  readonly signature: string;
  readonly #template: KeyTemplate;
  readonly #tags = new Map<string, TagTemplate>();
  readonly #tagTemplates: readonly TagTemplate[];

  /** @throws {SetupError} SLOWPATH_CACHE_PATTERN if the pattern is malformed, or with all that is wrong with the options. */
  constructor(pattern: string, options: PatternOptions) {
    const what = `cache key ${pattern}`;
    checkOptions(what, pattern, options);
    const { ttl, tags = [], staleSeconds = 0, version = 1 } = options;
    const { scope = hasUser(pattern) ? 'user' : 'shared' } = options;
    const userParam = scope === 'user' ? USER_PARAM : undefined;
    this.#template = new KeyTemplate(pattern, { what, named: true, version, userParam });
    for (const tag of tags) this.#tags.set(tag, toTagTemplate(tag, what, this.#template.names));
    this.#tagTemplates = [...this.#tags.values()];
    this.definition = Object.freeze({
      pattern,
      ttl,
      tagPatterns: Object.freeze([...this.#tags.keys()]),
      scope,
      staleSeconds,
    });
    this.signature = JSON.stringify({ ttl, tags, scope, staleSeconds, version });
  }

  /** @throws {SetupError} SLOWPATH_CACHE_KEY_PART */
  fill(params: Params | undefined): CacheKey<unknown> {
    const parts = this.#template.partsOf(params);
    return new FilledKey(this.#template.join(parts), this.definition, this.#tagTemplates, parts);
  }

  /** @throws {SetupError} SLOWPATH_CACHE_PATTERN if the pattern has no such tag; SLOWPATH_CACHE_KEY_PART. */
  fillTag(tagPattern: string, params: Params | undefined): string {
    const tag = this.#tags.get(tagPattern);
    if (tag !== undefined) return tag.template.join(tag.template.partsOf(params));
    const { pattern, tagPatterns } = this.definition;
    const known = tagPatterns.length === 0 ? 'It has none.' : `It has ${tagPatterns.join(', ')}.`;
    throw new SetupError('SLOWPATH_CACHE_PATTERN', `The cache key ${pattern} has no tag ${tagPattern}. ${known}`);
  }
}

/** Tags are made when they are asked for: a hit in the first tier does not need them. */
class FilledKey implements CacheKey<unknown> {
  readonly key: string;
  readonly definition: KeyDefinition;
  readonly #templates: readonly TagTemplate[];
  readonly #parts: readonly string[];
  #tags: readonly string[] | undefined;

  constructor(key: string, definition: KeyDefinition, templates: readonly TagTemplate[], parts: readonly string[]) {
    this.key = key;
    this.definition = definition;
    this.#templates = templates;
    this.#parts = parts;
  }

  get tags(): readonly string[] {
    return (this.#tags ??= this.#templates.map(({ template, order }) => template.join(this.#parts, order)));
  }
}

function hasUser(pattern: string): boolean {
  return pattern.split(':').includes(`{${USER_PARAM}}`);
}

function toTagTemplate(tag: string, what: string, names: readonly string[]): TagTemplate {
  const template = new KeyTemplate(tag, { what: `tag ${tag} of the ${what}`, named: false });
  const order = template.names.map((name) => names.indexOf(name));
  const unknown = template.names.filter((name) => !names.includes(name));
  if (unknown.length === 0) return { template, order };
  throw new SetupError(
    'SLOWPATH_CACHE_PATTERN',
    `tag ${tag} of the ${what}: the key has no parameter {${unknown.join('}, {')}}, so that nothing could fill it in. ` +
      'Use parameters of the key; tags that only the computation knows are added by it.',
  );
}

function checkOptions(what: string, pattern: string, options: Partial<PatternOptions> = {}): void {
  const { ttl = NaN, tags, scope, staleSeconds = 0, version = 1 } = options;
  const problems = [
    typeof pattern === 'string' ? [] : "the pattern is a text, such as 'user:{userId}:settings'.",
    Number.isFinite(ttl) && ttl > 0 ? [] : 'ttl is a finite number of seconds above 0, such as 300.',
    Number.isFinite(staleSeconds) && staleSeconds >= 0 ? [] : 'staleSeconds is a finite number of seconds from 0.',
    Number.isSafeInteger(version) && version >= 1 ? [] : 'version is a whole number from 1.',
    tags === undefined || Array.isArray(tags) ? [] : "tags is a list of texts, such as ['user:{userId}'].",
    scope === undefined || scope === 'shared' || scope === 'user' ? [] : "scope is 'shared' or 'user'.",
    scope !== 'user' || hasUser(String(pattern))
      ? []
      : `scope 'user' needs {${USER_PARAM}} among the pattern's parameters.`,
  ].flat();
  if (problems.length > 0) throw new SetupError('SLOWPATH_CACHE_PATTERN', `${what}: ${problems.join(' ')}`);
}
