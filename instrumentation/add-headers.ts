import type { ServerResponse } from 'node:http';

/** A header of ours. `isMember`: one more of a list, which is put behind what the application has set. */
export interface Header {
  readonly name: string;
  readonly value: string;
  readonly isMember?: true;
}

/**
 * The arguments of `writeHead` with our headers in a copy of those that the application gave, where it has set none before:
 * `setHeader` would then send Node another way, which merges names, reorders lists and refuses pairs. Where it has set some,
 * Node goes that way anyhow, and ours are set like its own. What the application has set stays as it is.
 */
export function addHeaders(response: ServerResponse, args: unknown[], headers: readonly Header[]): unknown[] {
  // As Node reads them: (status), (status, headers), (status, reason, headers).
  const at = typeof args[1] === 'string' || (args[2] !== undefined && args[2] !== null) ? 2 : 1;
  const given = args[at];
  if (response.getHeaderNames().length === 0) return withArgument(args, at, withHeaders(given, headers));
  // Node puts those that are given here in the place of those that were set: a member goes where it stays.
  const members = headers.filter(({ name, isMember }) => isMember === true && isNamed(namesIn(given), name));
  for (const header of headers) if (!members.includes(header)) setHeader(response, header);
  return members.length === 0 ? args : withArgument(args, at, withHeaders(given, members));
}

function setHeader(response: ServerResponse, { name, value, isMember }: Header): void {
  const own = response.getHeader(name);
  if (own === undefined) response.setHeader(name, value);
  else if (isMember === true) response.setHeader(name, appended(own, value) as string | string[]);
}

function withArgument(args: readonly unknown[], at: number, headers: unknown): unknown[] {
  const extended = [...args];
  extended[at] = headers;
  return extended;
}

function withHeaders(given: unknown, headers: readonly Header[]): unknown {
  if (given === undefined || given === null) return Object.fromEntries(headers.map(({ name, value }) => [name, value]));
  if (typeof given !== 'object') return given;
  const names = namesIn(given);
  const missing = headers.filter(({ name }) => !isNamed(names, name)).map(({ name, value }) => [name, value] as const);
  const members = headers.filter(({ name, isMember }) => isMember === true && isNamed(names, name));
  if (!Array.isArray(given)) {
    const extended = { ...given, ...Object.fromEntries(missing) } as Record<string, unknown>;
    for (const { name, value } of members) {
      const key = names.find((other) => isSame(other, name)) as string;
      extended[key] = appended(extended[key], value);
    }
    return extended;
  }
  const extended: unknown[] = [...(given as unknown[])];
  const isPairs = isListOfPairs(given);
  for (const { name, value } of members) {
    const position = names.findLastIndex((other) => isSame(other, name));
    if (isPairs) extended[position] = [names[position], appended((extended[position] as unknown[])[1], value)];
    else extended[2 * position + 1] = appended(extended[2 * position + 1], value);
  }
  return [...extended, ...(isPairs ? missing : missing.flat())];
}

/** One more member of a list of header values, or a line of its own where there are several lines. */
function appended(own: unknown, value: string): unknown {
  return Array.isArray(own) ? [...(own as unknown[]), value] : `${String(own)}, ${value}`;
}

/** The names of headers in an object, a list of pairs, or a flat list. */
function namesIn(given: unknown): readonly unknown[] {
  if (typeof given !== 'object' || given === null) return [];
  if (!Array.isArray(given)) return Object.keys(given);
  return isListOfPairs(given)
    ? given.map((pair: unknown[]) => pair[0])
    : (given as unknown[]).filter((_, index) => index % 2 === 0);
}

function isListOfPairs(given: readonly unknown[]): boolean {
  return given.length > 0 && Array.isArray(given[0]);
}

function isNamed(names: readonly unknown[], name: string): boolean {
  return names.some((other) => isSame(other, name));
}

function isSame(other: unknown, name: string): boolean {
  return typeof other === 'string' && other.toLowerCase() === name.toLowerCase();
}
