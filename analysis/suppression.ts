import { SetupError } from '../core/setup-error.ts';
import type { FindingKind } from '../core/finding.ts';

/** What the user has looked at and accepts until a day: every selector that is given must fit the finding. */
export interface Suppression {
  /** A statement, with or without its values: findings on that shape. */
  readonly text?: string;
  /** That of a finding or of its query. */
  readonly fingerprint?: string;
  /** A table that the query names, with or without its schema. */
  readonly table?: string;
  /** `src/orders.ts:42`, or `src/orders.ts` for all of its lines. */
  readonly callSite?: string;
  /** `GET /orders/:id`, or `/orders/:id` for every method. */
  readonly route?: string;
  /** Narrows the others down; alone it would switch a detector off. */
  readonly kind?: FindingKind;
  /** Why, for whoever reads it after you. */
  readonly reason: string;
  /** `2027-01-31`: the last day (UTC) on which it holds. From the next day on the finding is reported again. */
  readonly until: string;
}

/** Suppressions of one process; a longer list is a sign that thresholds should change. */
export const MAX_SUPPRESSIONS = 1000;

const SELECTORS = ['text', 'fingerprint', 'table', 'callSite', 'route'] as const;
const FIELDS = new Set<string>([...SELECTORS, 'kind', 'reason', 'until']);
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const EXAMPLE = '[{ "table": "audit_log", "reason": "replaced in March", "until": "2027-03-31" }]';

/**
 * Reads suppressions that came from outside. Never throws: what cannot be used is left out, with one line each in
 * `problems`. `origin` names where they stand: `suppress`, a variable, a file.
 */
export function readSuppressions(
  value: unknown,
  origin: string,
): { readonly suppressions: readonly Suppression[]; readonly problems: readonly string[] } {
  if (!Array.isArray(value)) {
    return { suppressions: [], problems: [`${origin} is not a list of suppressions. Write for example ${EXAMPLE}.`] };
  }
  const problems: string[] = [];
  const suppressions: Suppression[] = [];
  for (const [index, entry] of (value as unknown[]).entries()) {
    const problem =
      suppressions.length < MAX_SUPPRESSIONS ? problemOf(entry) : `is beyond the ${MAX_SUPPRESSIONS} that are read`;
    if (problem === undefined) suppressions.push(entry as Suppression);
    else problems.push(`${origin}[${index}] ${problem}${LEFT_OUT}`);
    if (problems.length >= MAX_PROBLEMS) break;
  }
  return { suppressions, problems };
}

/**
 * Suppressions that stand in code, where a mistake is a mistake of the program.
 * @throws {SetupError} SLOWPATH_SUPPRESS, naming every entry that cannot be used.
 */
export function requireSuppressions(value: readonly Suppression[]): readonly Suppression[] {
  const { suppressions, problems } = readSuppressions(value, 'suppress');
  if (problems.length > 0) throw new SetupError('SLOWPATH_SUPPRESS', problems.join(' ').replaceAll(LEFT_OUT, '.'));
  return suppressions;
}

const LEFT_OUT = '; it is left out.';
/** A list that is wrong as a whole must not fill the log. */
const MAX_PROBLEMS = 20;

function problemOf(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return `is no object. Expected one as in ${EXAMPLE}`;
  const fields = entry as Readonly<Record<string, unknown>>;
  const unknownField = Object.keys(fields).find((name) => !FIELDS.has(name));
  if (unknownField !== undefined)
    return `has a field "${unknownField.slice(0, 40)}". Expected some of ${[...FIELDS].join(', ')}`;
  const wrong = Object.keys(fields).find((name) => typeof fields[name] !== 'string' || fields[name].trim() === '');
  if (wrong !== undefined) return `has a ${wrong} that is no text`;
  if (!SELECTORS.some((name) => name in fields))
    return `names nothing. Expected at least one of ${SELECTORS.join(', ')}`;
  if (!('reason' in fields)) return 'has no reason. Expected a sentence that says why it is accepted';
  const { until } = fields;
  if (typeof until !== 'string' || !DAY.test(until) || !isDay(until))
    return 'has no day in until. Expected the last day on which it holds, for example 2027-03-31';
  return undefined;
}

/** `2027-02-30` parses as a day in March. */
function isDay(text: string): boolean {
  const ms = Date.parse(text);
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(text);
}
