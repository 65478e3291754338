/**
 * True when the column is called after the table: `user_id`, `userId`, `user_uuid` and `user` after `users`, also with a
 * schema (`public.users`) or quotes. Only regular plurals are known: `companies`, `boxes`, `users`.
 */
export function isNamedAfter(column: string, table: string): boolean {
  const stem = withoutKeySuffix(plain(column));
  return stem !== '' && namesOf(table).has(stem);
}

/** True when the text mentions a column that is called after the table, as `SELECT id, user_id FROM orders` does after `users`. */
export function mentionsKeyOf(table: string, text: string): boolean {
  return wordsOf(text).some((word) => {
    const name = plain(word);
    const stem = withoutKeySuffix(name);
    return stem !== name && stem !== '' && namesOf(table).has(stem);
  });
}

/** True for the columns that are a table's own key by habit: `id`, `uuid`, `_id`. */
export function isOwnKey(column: string): boolean {
  return withoutKeySuffix(plain(column)) === '';
}

/** `order_items`, `OrderItems` and `"public"."orderItems"` are all `orderitems`. */
function plain(name: string): string {
  let letters = '';
  for (const letter of name.slice(name.lastIndexOf('.') + 1).toLowerCase()) {
    if (isWordLetter(letter) && letter !== '_') letters += letter;
  }
  return letters;
}

function withoutKeySuffix(name: string): string {
  for (const suffix of ['uuid', 'guid', 'id']) if (name.endsWith(suffix)) return name.slice(0, -suffix.length);
  return name;
}

/** The table's name, and what one of its rows may be called. */
function namesOf(table: string): ReadonlySet<string> {
  const name = plain(table);
  const names = new Set([name]);
  if (name.endsWith('ies')) names.add(`${name.slice(0, -3)}y`);
  if (name.endsWith('es')) names.add(name.slice(0, -2));
  if (name.endsWith('s') && !name.endsWith('ss')) names.add(name.slice(0, -1));
  names.delete('');
  return names;
}

function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  for (const letter of text) {
    if (isWordLetter(letter)) word += letter;
    else if (word !== '') {
      words.push(word);
      word = '';
    }
  }
  if (word !== '') words.push(word);
  return words;
}

function isWordLetter(letter: string): boolean {
  return letter === '_' || (letter >= '0' && letter <= '9') || letter.toLowerCase() !== letter.toUpperCase();
}
