/** The most characters of a recommendation. */
export const ADVICE_LENGTH_MAX = 300;
const CLAUSES_MAX = 2;

/**
 * The first of `mains` that is short enough, and as many of `clauses` as fit behind it in one more sentence, two at the most.
 * The last of `mains` has to be short whatever the names in it; the clauses come in the order of their weight.
 */
export function adviceOf(
  mains: readonly (string | undefined)[],
  clauses: readonly (string | false | undefined)[] = [],
): string {
  const main = mains.find((text) => text !== undefined && text.length <= ADVICE_LENGTH_MAX) ?? '';
  let second = '';
  let used = 0;
  for (const clause of clauses) {
    if (!clause || used === CLAUSES_MAX) continue;
    const longer = used === 0 ? capitalized(clause) : `${second}; ${clause}`;
    if (main.length + longer.length + 2 > ADVICE_LENGTH_MAX) continue;
    second = longer;
    used++;
  }
  return used === 0 ? main : `${main} ${second}.`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
