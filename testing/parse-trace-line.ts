/** One line of a drawn trace. Times are milliseconds. */
export interface TraceLine {
  readonly indent: number;
  /** `pg`, `mysql`, `sqlite`, `mssql`, `http`, `redis`, `cache`, or any other word for a span that is none of them; empty for the request itself. */
  readonly tag: string;
  readonly text: string;
  /** What stood in the parentheses of `with (…)`: the bind values, as text. `undefined`: not known. */
  readonly values: string | undefined;
  readonly durationMs: number;
  readonly times: number;
  /** The repeats start together. */
  readonly atOnce: boolean;
  /** It starts together with the line before it. */
  readonly beside: boolean;
  readonly fails: boolean;
  readonly rows: number | undefined;
  readonly namespace: string;
  readonly statusCode: number | undefined;
  /** Of a hit in a cache: what its value took to compute. */
  readonly savedMs: number;
}

const HEAD =
  /^(?<indent>\s*)(?:(?<tag>[a-z]+):\s+)?(?<text>.+?)(?:\s+with \((?<values>.*)\))?\s+(?<ms>\d+(?:\.\d+)?)ms(?<rest>(?:\s+.*)?)$/;
const FORM =
  '[tag:] text [with (values)] 12ms [x3] [at once] [beside] [rows 10] [on shard] [fails] [saves 20ms] [-> 200]';

/**
 * Reads one line of a drawn trace.
 * @throws {Error} with the line's number and the accepted form, if it does not parse.
 */
export function parseTraceLine(line: string, lineNumber: number): TraceLine {
  const groups = HEAD.exec(line)?.groups;
  if (groups === undefined) throw refuse(line, lineNumber);
  const rest = (groups['rest'] ?? '').trim();
  const take = new OptionReader(rest);
  const parsed: TraceLine = {
    indent: groups['indent']?.length ?? 0,
    tag: groups['tag'] ?? '',
    text: groups['text'] ?? '',
    values: groups['values'],
    durationMs: Number(groups['ms']),
    times: take.number(/\bx(\d+)\b/) ?? 1,
    atOnce: take.flag(/\bat once\b/),
    beside: take.flag(/\bbeside\b/),
    fails: take.flag(/\bfails\b/),
    rows: take.number(/\brows (\d+)\b/),
    namespace: take.word(/\bon (\w+)\b/) ?? '',
    statusCode: take.number(/-> (\d{3})\b/),
    savedMs: take.number(/\bsaves (\d+(?:\.\d+)?)ms\b/) ?? 0,
  };
  if (take.left.trim() !== '') throw refuse(line, lineNumber);
  return parsed;
}

function refuse(line: string, lineNumber: number): Error {
  return new Error(`trace line ${lineNumber} does not parse: "${line.trim()}". Write: ${FORM}`);
}

/** Takes the options out of the end of a line; what is left at last was not understood. */
class OptionReader {
  left: string;

  constructor(text: string) {
    this.left = text;
  }

  word(pattern: RegExp): string | undefined {
    const match = pattern.exec(this.left);
    if (match === null) return undefined;
    this.left = this.left.replace(match[0], '');
    return match[1] ?? '';
  }

  number(pattern: RegExp): number | undefined {
    const word = this.word(pattern);
    return word === undefined ? undefined : Number(word);
  }

  flag(pattern: RegExp): boolean {
    return this.word(pattern) !== undefined;
  }
}
