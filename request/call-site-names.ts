const MAX_FILE = 200;
const MAX_FUNCTION = 100;
const MAX_DIGITS = 6;

/** Names of scripts can be made up while the program runs: only what looks like a source file's path may leave the process. */
const FILE =
  /^(?:[A-Za-z]:)?(?:[\\/]?(?:@?[\p{L}\p{M}\p{N}_.()[\]+ $~-]+[\\/])*)@?[\p{L}\p{M}\p{N}_.()[\]+ $~-]+\.(?:[cm]?[jt]s|[jt]sx|vue|svelte|astro|coffee)$/u;
/** `load`, `Orders.load`, `Orders#load`, `get total`, `Orders.find [as load]`. */
const FUNCTION =
  /^(?:(?:get|set|new|async|bound) )?#?[A-Za-z_$][\w$]*(?:[.#](?:#?[A-Za-z_$][\w$]*|<anonymous>))*(?: \[as [A-Za-z_$][\w$]*\])?$/;
const LONG_NUMBER = /\d{5}/;

/** True for `src/orders.ts`, relative or absolute; at most 200 characters. */
export function isSourceFile(file: string): boolean {
  return file.length <= MAX_FILE && FILE.test(file);
}

/** True for what a programmer may have written; computed keys (`{ [email]: () => … }`) can hold a value. At most 100 characters. */
export function isFunctionName(name: string): boolean {
  if (name.length > MAX_FUNCTION || !FUNCTION.test(name) || LONG_NUMBER.test(name)) return false;
  return name.replaceAll(/\D/g, '').length <= MAX_DIGITS;
}
