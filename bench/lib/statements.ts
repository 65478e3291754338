/** A statement of 65, 366 or 1000 characters, as ORMs write them; `value` stands in it as a literal of six digits. */
export function statementOf(length: 65 | 366 | 1000, value: number): string {
  const literal = String(100_000 + (value % 900_000));
  return fit(TEMPLATES[length].replace('$VALUE', literal), length);
}

const COLUMNS = '"o"."id", "o"."status", "o"."total", "o"."created_at", "u"."id" AS "user_id", "u"."name"';
const TEMPLATES: Readonly<Record<65 | 366 | 1000, string>> = {
  65: 'SELECT id, name FROM users WHERE tenant = $VALUE AND id = $1',
  366:
    `SELECT ${COLUMNS} FROM "orders" AS "o" INNER JOIN "users" AS "u" ON "u"."id" = "o"."user_id" ` +
    `WHERE "o"."tenant" = $VALUE AND "o"."status" IN ('open', 'paid') AND "o"."created_at" > $1 ORDER BY "o"."id" LIMIT 20`,
  1000: `SELECT * FROM t WHERE a = $VALUE UNION ALL ${Array.from(
    { length: 9 },
    (_, n) => `SELECT t${n}.id, t${n}.name, t${n}.email FROM table_${n} AS t${n} WHERE t${n}.a = $1 AND t${n}.b = 'x'`,
  ).join(' UNION ALL ')}`,
};

/** The text with a comment-free filler behind it, so that it has exactly `length` characters. */
function fit(text: string, length: number): string {
  if (text.length > length) throw new Error(`The statement of ${length} characters has ${text.length}.`);
  return text.length === length ? text : `${text} ${'z'.repeat(length - text.length - 1)}`;
}
