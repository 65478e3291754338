/** Two statements, and whether libpg-query, which has PostgreSQL's own grammar, gives them one fingerprint. */
export interface PostgresPair {
  readonly a: string;
  readonly b: string;
  readonly same: boolean;
  /** Our verdict is the other one, on purpose: why. */
  readonly because?: string;
}

/** Statements that differ in their values at the most. */
export const same = (a: string, b: string): PostgresPair => ({ a, b, same: true });

/** Statements that do different things. */
export const different = (a: string, b: string): PostgresPair => ({ a, b, same: false });

/** One fingerprint in libpg-query, two in ours. */
export const keptApart = (because: string, a: string, b: string): PostgresPair => ({ a, b, same: true, because });

/** Two fingerprints in libpg-query, one in ours. */
export const putTogether = (because: string, a: string, b: string): PostgresPair => ({ a, b, same: false, because });
