import { types } from 'node:util';

/**
 * Elements of the longest list among bind values: of an array of them, or of an object that holds them by name. 0 when none
 * of them is a list, or when one of them cannot be read. Of the values only getters among an array's elements are run, as the
 * driver will do.
 */
export function longestList(values: unknown): number {
  if (typeof values !== 'object' || values === null || types.isProxy(values)) return 0;
  if (!Array.isArray(values)) return longestNamedList(values);
  let longest = 0;
  try {
    for (let i = 0; i < values.length; i++) longest = Math.max(longest, lengthOf(values[i]));
  } catch {
    return 0;
  }
  return longest;
}

function longestNamedList(values: object): number {
  let longest = 0;
  for (const name of Object.keys(values))
    longest = Math.max(longest, lengthOf(Object.getOwnPropertyDescriptor(values, name)?.value));
  return longest;
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) && !types.isProxy(value) ? value.length : 0;
}
