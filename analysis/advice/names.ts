/** A name that JavaScript takes without quotes, and an ORM for a model. */
export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/** The name, or `undefined` when it is better left out: it is too long, or would break the line. */
export function usableName(name: string | undefined, lengthMax: number): string | undefined {
  if (name === undefined || name === '' || name.length > lengthMax) return undefined;
  return /[\p{Cc}\p{Zl}\p{Zp}]/u.test(name) ? undefined : name;
}

/** The last part of a table's name, without quotes: `Order Details` of `dbo.[Order Details]`. */
export function bareName(table: string): string {
  let start = 0;
  let closing = '';
  for (let i = 0; i < table.length; i++) {
    const character = table.charAt(i);
    if (closing !== '') {
      if (character === closing) closing = '';
    } else if (character === '.') start = i + 1;
    else closing = closingQuote(character);
  }
  const last = table.slice(start);
  const quote = closingQuote(last.charAt(0));
  return quote !== '' && last.length > 2 && last.endsWith(quote) ? last.slice(1, -1) : last;
}

/** The first table that a summary of a read names: `orders` of `SELECT orders customers`. */
export function firstTableOf(summary: string): string | undefined {
  return wordsOf(summary).find((word) => !/^(?:select|with|find|aggregate)$/i.test(word));
}

/** A model's name as ORMs would have it for the table: `OrderLine` of `order_lines`. As it is when it is no identifier. */
export function modelName(bare: string): string {
  if (!isIdentifier(bare)) return bare;
  const name = camelCase(singular(bare));
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** What one row of the table is called in code: `orderLine` of `order_lines`. */
export function rowName(bare: string): string {
  return isIdentifier(bare) ? camelCase(singular(bare)) : bare;
}

/** What many rows of the table are called in code: `orderLines` of `OrderLine`. */
export function rowsName(bare: string): string {
  return isIdentifier(bare) ? camelCase(plural(bare)) : bare;
}

/** A variable for all values of the column: `userIds` of `user_id`. */
export function valuesName(column: string): string {
  return isIdentifier(column) ? plural(camelCase(column)) : 'values';
}

/** Only endings that leave no doubt: `photos`, `caches`, `statuses` and `series` stay as they are. */
function singular(name: string): string {
  if (/(?:movie|cookie)s$/i.test(name)) return name.slice(0, -1);
  if (/[^aeiou](?<!ser|spec)ies$/i.test(name) && name.length > 4) return `${name.slice(0, -3)}y`;
  if (/(?:ss|tch|nch|sh|x)es$/i.test(name) && !/axes$/i.test(name)) return name.slice(0, -2);
  if (/(?:ies|ches|ves|oes|ses|zes|ics|news|lens)$/i.test(name) || /[aiosu]s$/i.test(name)) return name;
  return /[a-z]{3}s$/i.test(name) ? name.slice(0, -1) : name;
}

/** As it is when it may be one already. */
function plural(name: string): string {
  if (/[^aeiou]y$/i.test(name)) return `${name.slice(0, -1)}ies`;
  return /[a-z]$/i.test(name) && !/(?:[sxyzhof]|people|data|children)$/i.test(name) ? `${name}s` : name;
}

function camelCase(name: string): string {
  const joined = name.replace(/([A-Za-z0-9])_+([A-Za-z0-9])/g, (_match, before: string, after: string) => {
    return before + after.toUpperCase();
  });
  return joined === joined.toUpperCase() ? joined.toLowerCase() : joined.charAt(0).toLowerCase() + joined.slice(1);
}

/** Splits at blanks that stand outside quotes. */
function wordsOf(summary: string): readonly string[] {
  const words: string[] = [];
  let closing = '';
  let word = '';
  for (const character of summary) {
    if (closing === '' && character === ' ') {
      words.push(word);
      word = '';
      continue;
    }
    if (closing === '') closing = closingQuote(character);
    else if (character === closing) closing = '';
    word += character;
  }
  words.push(word);
  return words.filter((each) => each !== '');
}

function closingQuote(character: string): string {
  if (character === '[') return ']';
  return character === '"' || character === '`' ? character : '';
}
