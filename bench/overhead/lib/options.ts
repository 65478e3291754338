import { parseArgs } from 'node:util';
import { EnvironmentError } from '../../../scripts/lib/environment-error.ts';
import { type Framework, FRAMEWORKS } from './routes.ts';
import { NONE, VARIANTS } from './variants.ts';

export type Mode = 'variants' | 'features' | 'demo';

export interface Options {
  readonly mode: Mode;
  readonly frameworks: readonly Framework[];
  /** Names; `none` is always among them. */
  readonly variants: readonly string[];
  readonly rounds: number;
  /** 1: the requests of a full run. */
  readonly scale: number;
  /** No round is begun that would end later. */
  readonly secondsMax: number;
  readonly json: boolean;
  readonly help: boolean;
}

const full = { rounds: 5, scale: 1, secondsMax: Number.POSITIVE_INFINITY };
/** Three minutes with all that comes before and after, whatever the machine. On two cores there are two rounds in it. */
export const quick = { rounds: 2, scale: 0.2, secondsMax: 160 };

/** @throws {EnvironmentError} if there is a flag or a value that is not known; the message lists what is. */
export function readOptions(args: readonly string[]): Options {
  const values = parsed(args);
  const defaults = values.quick === true ? quick : full;
  if (values.features === true && values.demo === true) throw wrong('--features and --demo are two runs: give one.');
  return {
    mode: values.features === true ? 'features' : values.demo === true ? 'demo' : 'variants',
    frameworks: listed('--framework', values.framework, FRAMEWORKS),
    variants: listed(
      '--variants',
      values.variants && `${NONE},${values.variants}`,
      VARIANTS.map(({ name }) => name),
    ),
    rounds: positive('--rounds', values.rounds, defaults.rounds, true),
    scale: positive('--scale', values.scale, defaults.scale, false),
    secondsMax: values.rounds === undefined ? defaults.secondsMax : full.secondsMax,
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

function parsed(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean' } as const;
    const switches = { quick: flag, features: flag, demo: flag, json: flag, help: { ...flag, short: 'h' } } as const;
    return parseArgs({
      args: [...args],
      options: { rounds: text, scale: text, variants: text, framework: text, ...switches },
    }).values;
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** Each once, in the order of `accepted`; all without a value. */
function listed<const Name extends string>(
  flag: string,
  value: string | undefined,
  accepted: readonly Name[],
): readonly Name[] {
  if (value === undefined) return accepted;
  const names = value.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !accepted.some((known) => known === name));
  if (unknown !== undefined) throw wrong(`${flag}: "${unknown}" is not one of ${accepted.join(', ')}.`);
  return accepted.filter((name) => names.includes(name));
}

function positive(flag: string, value: string | undefined, fallback: number, isWhole: boolean): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (number > 0 && number <= 100 && (!isWhole || Number.isInteger(number))) return number;
  throw wrong(`${flag}: "${value}" is not a ${isWhole ? 'whole number from 1' : 'number above 0, and up'} to 100.`);
}

function wrong(what: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError(`${what}\nRun \`npm run bench:overhead -- --help\` for the flags.`, { cause });
}
