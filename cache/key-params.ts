import type { HashedKeyPart } from './hash-key-part.ts';

/** What a parameter of a key may be. A number, a bigint and a text that read the same are the same: `1`, `1n` and `'1'`. */
export type KeyPart = string | number | bigint;

/** The names between braces: `'userId' | 'page'` for `user:{userId}:meetings:{page}`. */
export type ParamNames<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParamNames<Rest>
  : never;

/** What fills `Text` in. A parameter whose name ends in `Hash` takes what `hashKeyPart` returned, and no other text. */
export type KeyParams<Text extends string> = {
  readonly [Name in ParamNames<Text>]: Name extends `${string}Hash` ? HashedKeyPart : KeyPart;
};

/** Nothing at all for a text without parameters. */
export type FillArguments<Text extends string> = [ParamNames<Text>] extends [never] ? [] : [params: KeyParams<Text>];

/** `Tag`, if its parameters are parameters of `Pattern`; a text that the compiler shows otherwise. */
export type TagOf<Pattern extends string, Tag extends string> = [
  Exclude<ParamNames<Tag>, ParamNames<Pattern>>,
] extends [never]
  ? Tag
  : `the key has no parameter {${Exclude<ParamNames<Tag>, ParamNames<Pattern>>}}`;

/** `Text`, if the compiler knows all of it: it can check the parameters of no other. */
export type Literal<Text extends string> = string extends Text ? never : Text;
