import { type Clock, systemClock } from '../../core/clock.ts';
import { SetupError } from '../../core/setup-error.ts';
import { type Row, RowBag, RowsByKey } from './compare-rows.ts';
import { sqlStateOf } from './read-only-transaction.ts';
import type { BatchRewrite } from './rewrite-as-batch.ts';
import type { VerifiedRewrite, VerifyRewriteOptions } from './verified-rewrite.ts';

const MAX_DIFFERENCES = 10;

/** Runs the single lookups and the batch on one connection, and says where their rows differ. */
export class Lookups {
  private readonly differences: string[] = [];
  private singleMs = 0;
  private batchedMs = 0;
  private rowCount = 0;
  private keyForm: VerifiedRewrite['keyForm'] = 'as-given';
  private running = '';
  private readonly options: VerifyRewriteOptions;
  private readonly rewrite: Pick<BatchRewrite, 'sql' | 'keyColumn' | 'keyParameter'>;
  private readonly keys: readonly unknown[];
  private readonly clock: Clock;
  private readonly parameterCount: number;

  constructor(options: VerifyRewriteOptions, rewrite: Lookups['rewrite'], keys: readonly unknown[]) {
    this.options = options;
    this.rewrite = rewrite;
    this.keys = keys;
    this.clock = options.clock ?? systemClock;
    const given = options.values?.length ?? 1;
    this.parameterCount = 'parameterCount' in rewrite ? (rewrite as BatchRewrite).parameterCount : given;
    if (given < this.parameterCount)
      throw new SetupError(
        'SLOWPATH_REWRITE_VALUES',
        `The statement has ${this.parameterCount} parameters; values has ${options.values?.length ?? 0}. Pass a value for each, with anything at $${rewrite.keyParameter}.`,
      );
  }

  async run(): Promise<void> {
    const { rewrite, keys } = this;
    const singles: (readonly Row[])[] = [];
    const startMs = this.clock.nowMs();
    for (const [i, key] of keys.entries()) {
      this.running = `the lookup of key ${i + 1}`;
      singles.push(await this.query(this.options.sql, this.valuesWith(key)));
    }
    const betweenMs = this.clock.nowMs();
    const rows = await this.batch(keys);
    this.batchedMs = this.clock.nowMs() - betweenMs;
    this.singleMs = betweenMs - startMs;
    this.rowCount = rows.length;
    if (rows.some((row) => !(rewrite.keyColumn in row))) {
      this.differences.push(`the batch has no column ${rewrite.keyColumn}`);
      return;
    }
    const given = new Set(keys);
    if (rows.some((row) => !given.has(row[rewrite.keyColumn]))) this.keyForm = 'converted';
    await this.compare(singles, rows);
  }

  fail(error: unknown): void {
    const code = sqlStateOf(error);
    const known = code === undefined ? undefined : SQL_STATES[code];
    const state = code === undefined ? 'without a SQLSTATE' : `with SQLSTATE ${code}`;
    this.differences.push(`${this.running} failed ${state}${known === undefined ? '' : ` (${known})`}`);
  }

  result(): VerifiedRewrite {
    const { differences, keys, keyForm, rowCount, singleMs, batchedMs, rewrite } = this;
    const more = differences.length - MAX_DIFFERENCES;
    const shown = more > 0 ? [...differences.slice(0, MAX_DIFFERENCES), `and ${more} more`] : differences;
    const { sql, keyColumn } = rewrite;
    const equal = differences.length === 0;
    return { equal, sql, keyColumn, keyForm, keyCount: keys.length, rowCount, singleMs, batchedMs, differences: shown };
  }

  private async compare(singles: readonly (readonly Row[])[], rows: readonly Row[]): Promise<void> {
    const { keyColumn } = this.rewrite;
    const isKeyAdded = singles.flat().some((row) => !(keyColumn in row));
    const without = isKeyAdded ? keyColumn : undefined;
    const batched = new RowsByKey(rows, keyColumn, without);
    for (const [i, key] of this.keys.entries()) {
      const single = new RowBag();
      for (const row of singles[i] ?? []) single.add(row);
      let together = batched.take([key]);
      if (!together.equals(single)) together = batched.take([key, ...(await this.formsOf(key))]);
      if (together.equals(single)) continue;
      const sizes = `${counted(single.size)} alone, ${counted(together.size)} in the batch`;
      const missing = single.missingFrom(together);
      this.differences.push(`key ${i + 1} of ${this.keys.length}: ${sizes}, ${missing} of the former missing`);
    }
    const { rowsLeft } = batched;
    if (rowsLeft > 0) this.differences.push(`the batch has ${counted(rowsLeft)} of keys that nobody asked for`);
  }

  // A key may come back as another value than it was given, or as several: case does not count in citext. The database knows.
  private async formsOf(key: unknown): Promise<readonly unknown[]> {
    return (await this.batch([key])).map((row) => row[this.rewrite.keyColumn]);
  }

  private batch(keys: readonly unknown[]): Promise<readonly Row[]> {
    this.running = 'the batch';
    return this.query(this.rewrite.sql, this.valuesWith([...keys]).slice(0, this.parameterCount));
  }

  private async query(text: string, values: unknown[]): Promise<readonly Row[]> {
    return (await this.options.client.query(text, values)).rows;
  }

  private valuesWith(key: unknown): unknown[] {
    return (this.options.values ?? [undefined]).with(this.rewrite.keyParameter - 1, key);
  }
}

const SQL_STATES: Readonly<Record<string, string>> = {
  '25006': 'it tries to write',
  '42883': 'no such operator or function for these types',
  '42804': 'types do not fit',
  '22P02': 'a value does not fit its type',
  '57014': 'it took longer than statementTimeoutMs',
  '08P01': 'another number of values than parameters',
};

function counted(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`;
}
