import type { CallSite, DatabaseClient } from '../core/types.ts';

/** Lines that are remembered. */
export const MAX_PLACES = 256;

/** A line that calls one of these sends several statements by itself: the rows, then what belongs to them. */
const SENDS_SEVERAL: ReadonlySet<DatabaseClient | undefined> = new Set<DatabaseClient>([
  'knex',
  'objection',
  'drizzle',
  'sequelize',
  'typeorm',
  'prisma',
  'mikro-orm',
  'mongoose',
]);

/**
 * Lines that calls of several shapes come through: `return pool.query(text, values)` of a helper. Who calls the helper is the
 * line to look at. The first shape through a helper is still ascribed to it.
 */
export class Passages {
  /** By place: the only shape seen there; `undefined` when there were several. */
  readonly #places = new Map<string, string | undefined>();

  /** The innermost of the lines that is no passage, or else the innermost one. */
  pick(lines: readonly CallSite[], client: DatabaseClient | undefined, shape: string): CallSite | undefined {
    const [innermost] = lines;
    if (SENDS_SEVERAL.has(client)) return innermost;
    return lines.find((line) => !this.#isPassage(line, shape)) ?? innermost;
  }

  #isPassage({ file, line, column }: CallSite, shape: string): boolean {
    const place = `${file}:${line}:${column}`;
    if (this.#places.has(place)) {
      if (this.#places.get(place) === shape) return false;
      this.#places.set(place, undefined);
      return true;
    }
    const [oldest] = this.#places.keys();
    if (oldest !== undefined && this.#places.size >= MAX_PLACES) this.#places.delete(oldest);
    this.#places.set(place, shape);
    return false;
  }
}
