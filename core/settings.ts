/** The environment's variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type ReportFormat = 'off' | 'text' | 'json';

/** `notable`: slow, failed, or with findings. */
export type RequestLogOnly = 'all' | 'notable';

/** Which instrumentations and which SDK make the spans: OpenTelemetry's, or our own in their place. */
export type InstrumentationMode = 'auto' | 'lean';

/** One numeric setting of a detector, by the name of its variable. */
export interface ThresholdSetting {
  readonly variable: string;
  readonly kind: string;
  readonly name: string;
  readonly defaultValue: number;
  /** The least value that the environment may set. */
  readonly minValue: number;
}

export interface Settings {
  readonly enabled: boolean;
  readonly instrumentation: InstrumentationMode;
  readonly responseHeaders: boolean;
  /** The name of this service's caches in `Cache-Status`; no such header when not set. */
  readonly cacheStatus: string | undefined;
  readonly findingLog: boolean;
  readonly report: ReportFormat;
  /** Standard error when not set. */
  readonly reportFile: string | undefined;
  /** No listener is installed when not set. */
  readonly reportSignal: string | undefined;
  /** `stderr` or a path; no request log when not set. */
  readonly requestLog: string | undefined;
  /** Which requests have a line in it. */
  readonly requestLogOnly: RequestLogOnly;
  readonly unredacted: readonly string[];
  /** Libraries whose caches are listened to. */
  readonly cacheChannels: readonly string[];
  /** Suppressions as JSON, as they stand in the variable; and the file that holds further ones. */
  readonly suppress: string | undefined;
  readonly suppressFile: string | undefined;
  /** Only what the environment changed: kind -> name -> value. */
  readonly thresholds: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** What the settings may be: the caller knows the detectors, the redactions, the libraries and the platform's signals. */
export interface SettingsVocabulary {
  readonly thresholds: readonly ThresholdSetting[];
  readonly unredacted: readonly string[];
  readonly cacheChannels: readonly string[];
  readonly signals: readonly string[];
}

/** Variables that stand beside the thresholds; the settings page of the docs lists the same ones. */
export const SETTING_VARIABLES = [
  'SLOWPATH_ENABLED',
  'SLOWPATH_INSTRUMENTATION',
  'SLOWPATH_RESPONSE_HEADERS',
  'SLOWPATH_CACHE_STATUS',
  'SLOWPATH_FINDING_LOG',
  'SLOWPATH_REPORT',
  'SLOWPATH_REPORT_FILE',
  'SLOWPATH_REPORT_SIGNAL',
  'SLOWPATH_REQUEST_LOG',
  'SLOWPATH_REQUEST_LOG_ONLY',
  'SLOWPATH_UNREDACTED',
  'SLOWPATH_CACHE_CHANNELS',
  'SLOWPATH_SUPPRESS',
  'SLOWPATH_SUPPRESS_FILE',
] as const;

/** A day in milliseconds: whatever is larger is a slip that would switch a detector off in silence. */
const MAX_THRESHOLD = 86_400_000;

/** Of structured fields: https://www.rfc-editor.org/rfc/rfc9651#name-tokens; shorter than those may be. */
const TOKEN = /^[A-Za-z*][\w!#$%&'*+.^`|~:/-]{0,63}$/;

const CACHE_STATUS_WITHOUT_HEADERS =
  'SLOWPATH_CACHE_STATUS has no effect while no response headers are written. Set SLOWPATH_RESPONSE_HEADERS=on.';

/** What the repository's own scripts read; a shell that exports them must not fill an application's log. */
const OF_OUR_TOOLS = /^SLOWPATH_(?:TEST_.+|OTELCOL_BIN|JAEGER_BIN)$/;

/** `n-plus-one` + `minQueries` -> `SLOWPATH_N_PLUS_ONE_MIN_QUERIES`. */
export function thresholdVariable(kind: string, name: string): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`);
  return `SLOWPATH_${kind.replaceAll('-', '_')}_${words}`.toUpperCase();
}

/**
 * Reads the settings. Never throws: a value that cannot be used gives one line in `problems` (the value, what was expected,
 * the default that is used) and the default. Empty means unset, as OpenTelemetry has it.
 */
export function readSettings(
  environment: Environment,
  vocabulary: SettingsVocabulary,
): { readonly settings: Settings; readonly problems: readonly string[] } {
  const reader = new Reader(environment);
  const inProduction = environment['NODE_ENV'] === 'production';
  const settings: Settings = {
    enabled: reader.oneOf('SLOWPATH_ENABLED', ['on', 'off'], 'on') === 'on',
    instrumentation: reader.oneOf('SLOWPATH_INSTRUMENTATION', ['auto', 'lean'], 'auto'),
    responseHeaders: reader.oneOf('SLOWPATH_RESPONSE_HEADERS', ['on', 'off'], inProduction ? 'off' : 'on') === 'on',
    cacheStatus: reader.token('SLOWPATH_CACHE_STATUS'),
    findingLog: reader.oneOf('SLOWPATH_FINDING_LOG', ['on', 'off'], inProduction ? 'off' : 'on') === 'on',
    report: reader.oneOf('SLOWPATH_REPORT', ['off', 'text', 'json'], 'off'),
    reportFile: reader.text('SLOWPATH_REPORT_FILE'),
    reportSignal: reader.oneOfOrUnset('SLOWPATH_REPORT_SIGNAL', vocabulary.signals),
    requestLog: reader.place('SLOWPATH_REQUEST_LOG'),
    requestLogOnly: reader.oneOf('SLOWPATH_REQUEST_LOG_ONLY', ['all', 'notable'], 'all'),
    unredacted: reader.list('SLOWPATH_UNREDACTED', vocabulary.unredacted),
    cacheChannels: reader.list('SLOWPATH_CACHE_CHANNELS', vocabulary.cacheChannels),
    suppress: reader.text('SLOWPATH_SUPPRESS'),
    suppressFile: reader.text('SLOWPATH_SUPPRESS_FILE'),
    thresholds: reader.thresholds(vocabulary.thresholds),
  };
  if (settings.cacheStatus !== undefined && !settings.responseHeaders)
    reader.problems.push(CACHE_STATUS_WITHOUT_HEADERS);
  reader.reportUnknown([...SETTING_VARIABLES, ...vocabulary.thresholds.map((threshold) => threshold.variable)]);
  return { settings, problems: reader.problems };
}

class Reader {
  readonly problems: string[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  text(variable: string): string | undefined {
    const value = this.#environment[variable]?.trim();
    return value === '' ? undefined : value;
  }

  oneOf<const Value extends string>(variable: string, accepted: readonly Value[], fallback: Value): Value {
    const value = this.text(variable)?.toLowerCase();
    if (value === undefined) return fallback;
    const match = accepted.find((candidate) => candidate === value);
    if (match === undefined) this.#refuse(variable, `is not ${listed(accepted)}. Using ${fallback} (the default).`);
    return match ?? fallback;
  }

  oneOfOrUnset(variable: string, accepted: readonly string[]): string | undefined {
    const value = this.text(variable);
    if (value === undefined || accepted.includes(value)) return value;
    this.#refuse(
      variable,
      'is not a signal that can be listened to, for example SIGUSR2. Listening to none (the default).',
    );
    return undefined;
  }

  /** `stderr`, a path, or `off`. A lone word such as `stdout` or `on` would else become a file of that name. */
  place(variable: string): string | undefined {
    const value = this.text(variable);
    const word = value?.toLowerCase();
    if (value === undefined || word === 'off') return undefined;
    if (word === 'stderr') return word;
    if (/[./\\]/.test(value)) return value;
    this.#refuse(
      variable,
      'is not stderr, nor a path with a "/" or a "." in it, for example ./requests.ndjson. Writing none (the default).',
    );
    return undefined;
  }

  /** A name that a header can carry as it is. A word that switches something on is none. */
  token(variable: string): string | undefined {
    const value = this.text(variable);
    const word = value?.toLowerCase();
    if (value === undefined || word === 'off') return undefined;
    if (TOKEN.test(value) && word !== 'on' && word !== 'true') return value;
    this.#refuse(variable, 'is not a name of letters, digits, "-" and ".", for example shop-api. Off (the default).');
    return undefined;
  }

  list(variable: string, accepted: readonly string[]): readonly string[] {
    const names = (this.text(variable) ?? '').split(',').map((name) => name.trim());
    return names.filter((name) => {
      if (name === '') return false;
      if (accepted.includes(name)) return true;
      this.#refuse(variable, `names "${shown(name)}", which is not one of ${accepted.join(', ')}. It is left out.`);
      return false;
    });
  }

  thresholds(thresholds: readonly ThresholdSetting[]): Settings['thresholds'] {
    const changed: Record<string, Record<string, number>> = {};
    for (const threshold of thresholds) {
      const text = this.text(threshold.variable);
      if (text === undefined) continue;
      const value = Number(text);
      const maxValue = isShare(threshold.name) ? 1 : MAX_THRESHOLD;
      if (value >= threshold.minValue && value <= maxValue) {
        (changed[threshold.kind] ??= {})[threshold.name] = value;
        continue;
      }
      this.#refuse(
        threshold.variable,
        `is not ${noun(threshold.name)} from ${threshold.minValue} to ${maxValue}. Using ${threshold.defaultValue} (the default).`,
      );
    }
    return changed;
  }

  reportUnknown(known: readonly string[]): void {
    for (const variable of Object.keys(this.#environment)) {
      if (!variable.startsWith('SLOWPATH_') || OF_OUR_TOOLS.test(variable) || known.includes(variable)) continue;
      const nearest = known.toSorted((a, b) => distance(variable, a) - distance(variable, b))[0] ?? '';
      const hint = distance(variable, nearest) <= 4 ? ` Did you mean ${nearest}?` : '';
      this.problems.push(`${shown(variable)} is not a setting of slowpath and has no effect.${hint}`);
    }
  }

  #refuse(variable: string, why: string): void {
    this.problems.push(`${variable}="${shown(this.text(variable) ?? '')}" ${why}`);
  }
}

function listed(values: readonly string[]): string {
  return `${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`;
}

/** Whoever writes 45 means 45 %, and would have everything found. */
function isShare(name: string): boolean {
  return /(?:Share|Rate|Ratio)$/.test(name);
}

function noun(name: string): string {
  return name.endsWith('Ms') ? 'a number of milliseconds' : 'a number';
}

/** A value from outside goes to a terminal: short, and without control characters. */
function shown(value: string): string {
  return Array.from(value.slice(0, 60), (char) => (char < ' ' || char === '\u007f' ? '?' : char)).join('');
}

/** Levenshtein's: how many letters differ. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
