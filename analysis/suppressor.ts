import type { Finding } from '../core/finding.ts';
import type { CallSite } from '../core/types.ts';
import { normalizeQuery, type SqlSystem } from '../sql/index.ts';
import type { Suppression } from './suppression.ts';

const DAY_MS = 86_400_000;
const SYSTEMS: readonly SqlSystem[] = ['postgresql', 'mysql', 'sqlite', 'microsoft.sql_server'];

/** How often a suppression has taken a finding out; 0 for long means that it can go. */
export interface SuppressionUse {
  readonly suppression: Suppression;
  readonly takenOutCount: number;
  readonly expired: boolean;
}

interface Entry {
  readonly suppression: Suppression;
  readonly fits: (finding: Finding) => boolean;
  /** Milliseconds of the Unix epoch. */
  readonly endsAtMs: number;
  takenOutCount: number;
}

/** Takes out the findings that the user has looked at and accepts until a day that he named. */
export class Suppressor {
  readonly #entries: readonly Entry[];
  readonly #epochMs: () => number;

  /** `epochMs` is the wall clock, for suppressions end with a day of the calendar. */
  constructor(suppressions: readonly Suppression[], epochMs: () => number = Date.now) {
    this.#epochMs = epochMs;
    this.#entries = suppressions.map((suppression) => ({
      suppression,
      fits: matcherOf(suppression),
      endsAtMs: endsAtMsOf(suppression),
      takenOutCount: 0,
    }));
  }

  /** True when a suppression that still holds names the finding. Counts it there. */
  takesOut(finding: Finding): boolean {
    if (this.#entries.length === 0) return false;
    const nowMs = this.#epochMs();
    for (const entry of this.#entries) {
      if (entry.endsAtMs <= nowMs || !entry.fits(finding)) continue;
      entry.takenOutCount++;
      return true;
    }
    return false;
  }

  /** Every suppression, with what it did so far. */
  uses(): readonly SuppressionUse[] {
    const nowMs = this.#epochMs();
    return this.#entries.map(({ suppression, takenOutCount, endsAtMs }) => ({
      suppression,
      takenOutCount,
      expired: endsAtMs <= nowMs,
    }));
  }
}

/** One line for each suppression that has expired by then, for the log at the start. */
export function expiredLines(suppressions: readonly Suppression[], epochMs = Date.now()): readonly string[] {
  return suppressions
    .filter((suppression) => endsAtMsOf(suppression) <= epochMs)
    .map(
      ({ until, reason }) =>
        `a suppression expired on ${until} (${reason.slice(0, 100)}): what it named is reported again.`,
    );
}

/** The first moment at which it no longer holds: its day is the last one. */
function endsAtMsOf({ until }: Suppression): number {
  return Date.parse(until) + DAY_MS;
}

/** Does the work that every finding would repeat once: a statement is read when the suppression is, not when it is asked. */
function matcherOf({ text, fingerprint, table, callSite, route, kind }: Suppression): (finding: Finding) => boolean {
  const tests: ((finding: Finding) => boolean)[] = [];
  if (kind !== undefined) tests.push((finding) => finding.kind === kind);
  if (fingerprint !== undefined)
    tests.push((finding) => finding.fingerprint === fingerprint || finding.evidence.queryFingerprint === fingerprint);
  if (text !== undefined) {
    const shapes = new Set<string>(SYSTEMS.map((system) => normalizeQuery(text, { system }).fingerprint));
    tests.push(({ evidence }) => evidence.queryFingerprint !== undefined && shapes.has(evidence.queryFingerprint));
  }
  if (table !== undefined) {
    const name = plain(table);
    tests.push(({ evidence }) => evidence.tables?.some((other) => isTable(plain(other), name)) ?? false);
  }
  if (callSite !== undefined) tests.push(({ evidence }) => isAt(evidence.callSite, callSite));
  if (route !== undefined)
    tests.push(({ endpoint }) => endpoint === route || endpoint.slice(endpoint.indexOf(' ') + 1) === route);
  return (finding) => tests.every((test) => test(finding));
}

/** Case and quotes are a matter of the dialect. */
function plain(table: string): string {
  return table.replaceAll(/["`[\]]/g, '').toLowerCase();
}

/** `public.orders` is meant by `orders` too. */
function isTable(spelt: string, name: string): boolean {
  return spelt === name || spelt.endsWith(`.${name}`);
}

function isAt(site: CallSite | undefined, text: string): boolean {
  if (site === undefined) return false;
  return (
    text === site.file || text === `${site.file}:${site.line}` || text === `${site.file}:${site.line}:${site.column}`
  );
}
