import { FieldReader, isDuration, nameOf } from './analyze-endpoint-input.ts';
import type { ThresholdOverrides } from './find-in-request.ts';

export interface AnalyzeEndpointOptions {
  /** `db.system.name` of the queries that name none; `postgresql` if not given. */
  readonly system?: string | undefined;
  /** Thresholds by kind of finding; what is not named keeps its default. */
  readonly thresholds?: ThresholdOverrides | undefined;
  /**
   * Milliseconds that the request took. Without it: until the last query ended where the starts are known, else the sum of
   * the durations; whether the endpoint is slow is then not said.
   */
  readonly durationMs?: number | undefined;
  /** A query is slow from this many milliseconds on; the threshold of slow-query if not given. */
  readonly slowQueryMinMs?: number | undefined;
}

/** Options that were read once and found good. */
export interface CheckedOptions {
  readonly system: string;
  readonly thresholds: ThresholdOverrides;
  readonly durationMs: number | undefined;
  readonly slowQueryMinMs: number | undefined;
}

/** @throws {TypeError} that names the option and says what was expected. */
export function readOptions(value: unknown): CheckedOptions {
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`options is ${nameOf(value)}. Expected an object, for example { system: 'mysql' }.`);
  const fields = new FieldReader(value, 'options');
  const milliseconds = 'milliseconds from 0, for example 180';
  return {
    system: fields.name('system', "a db.system.name, for example 'mysql'") ?? 'postgresql',
    thresholds: readThresholds(fields.get('thresholds')),
    durationMs: fields.number('durationMs', milliseconds, isDuration),
    slowQueryMinMs: fields.number('slowQueryMinMs', milliseconds, isDuration),
  };
}

function readThresholds(value: unknown): ThresholdOverrides {
  if (value === undefined || value === null) return {};
  const expected = "Expected numbers by kind and name: { 'n-plus-one': { minQueries: 3 } }.";
  const kinds = entriesOf(value, `options.thresholds is ${nameOf(value)}. ${expected}`).map(([kind, names]) => {
    const entries = entriesOf(names, `options.thresholds holds ${nameOf(names)}. ${expected}`);
    const wrong = entries.find(([, number]) => number !== undefined && !(typeof number === 'number' && number >= 0));
    if (wrong !== undefined) throw new TypeError(`options.thresholds holds ${nameOf(wrong[1])}. ${expected}`);
    return [kind, Object.fromEntries(entries)] as const;
  });
  return Object.fromEntries(kinds) as ThresholdOverrides;
}

function entriesOf(value: unknown, refusal: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null) throw new TypeError(refusal);
  try {
    return Object.entries(value);
  } catch {
    throw new TypeError('options.thresholds cannot be read: reading it throws. Expected plain data.');
  }
}
