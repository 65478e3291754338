import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSettings, SETTING_VARIABLES, thresholdVariable, type Environment } from '../../core/settings.ts';
import { thresholdSettings } from '../../instrumentation/default-systems.ts';
import { CACHE_CHANNELS } from '../../instrumentation/cache-channels/names.ts';
import { UNREDACTED } from '../../processors/redact-span.ts';

const read = (environment: Environment) =>
  readSettings(environment, {
    thresholds: thresholdSettings,
    unredacted: UNREDACTED,
    cacheChannels: CACHE_CHANNELS,
    signals: ['SIGUSR2', 'SIGHUP'],
  });

const defaults = {
  enabled: true,
  instrumentation: 'auto',
  responseHeaders: true,
  cacheStatus: undefined,
  findingLog: true,
  report: 'off',
  reportFile: undefined,
  reportSignal: undefined,
  requestLog: undefined,
  requestLogOnly: 'all',
  unredacted: [],
  cacheChannels: [],
  suppress: undefined,
  suppressFile: undefined,
  thresholds: {},
};

describe('settings', () => {
  it('are the defaults in an empty environment', () => {
    expect(read({})).toEqual({ settings: defaults, problems: [] });
  });

  it('keep headers and log lines off in production, unless they are asked for', () => {
    expect(read({ NODE_ENV: 'production' }).settings).toEqual({
      ...defaults,
      responseHeaders: false,
      findingLog: false,
    });
    const asked = { NODE_ENV: 'production', SLOWPATH_RESPONSE_HEADERS: 'on', SLOWPATH_FINDING_LOG: 'on' };
    expect(read(asked)).toEqual({ settings: defaults, problems: [] });
  });

  it('are read, spaces around them and capitals aside', () => {
    const { settings, problems } = read({
      SLOWPATH_INSTRUMENTATION: ' Lean',
      SLOWPATH_ENABLED: ' OFF ',
      SLOWPATH_RESPONSE_HEADERS: 'Off',
      SLOWPATH_FINDING_LOG: 'off',
      SLOWPATH_REPORT: 'JSON',
      SLOWPATH_REPORT_FILE: ' /tmp/Report.json ',
      SLOWPATH_REPORT_SIGNAL: 'SIGUSR2',
      SLOWPATH_REQUEST_LOG: ' /var/log/Requests-%p.ndjson ',
      SLOWPATH_REQUEST_LOG_ONLY: 'Notable',
      SLOWPATH_UNREDACTED: ' url-values , ,redis-keys,',
      SLOWPATH_CACHE_CHANNELS: 'lru-cache, bentocache',
      SLOWPATH_SUPPRESS: ' [] ',
      SLOWPATH_SUPPRESS_FILE: './suppress.json',
      SLOWPATH_SLOW_QUERY_MIN_MS: ' 50 ',
      SLOWPATH_N_PLUS_ONE_MIN_QUERIES: '8',
      SLOWPATH_N_PLUS_ONE_MIN_TOTAL_MS: '2.5',
    });
    expect(problems).toEqual([]);
    expect(settings).toEqual({
      enabled: false,
      instrumentation: 'lean',
      responseHeaders: false,
      cacheStatus: undefined,
      findingLog: false,
      report: 'json',
      reportFile: '/tmp/Report.json',
      reportSignal: 'SIGUSR2',
      requestLog: '/var/log/Requests-%p.ndjson',
      requestLogOnly: 'notable',
      unredacted: ['url-values', 'redis-keys'],
      cacheChannels: ['lru-cache', 'bentocache'],
      suppress: '[]',
      suppressFile: './suppress.json',
      thresholds: { 'slow-query': { minMs: 50 }, 'n-plus-one': { minQueries: 8, minTotalMs: 2.5 } },
    });
  });

  it('name the caches in Cache-Status as a header can carry it, and say when no header is written', () => {
    for (const name of ['shop', 'Shop-API.eu:8080/a', '*'])
      expect(read({ SLOWPATH_CACHE_STATUS: ` ${name} ` })).toMatchObject({
        settings: { cacheStatus: name },
        problems: [],
      });
    expect(read({ SLOWPATH_CACHE_STATUS: 'Off' })).toEqual({ settings: defaults, problems: [] });
    for (const name of ['on', 'TRUE', 'my shop', 'a;b', '9', '"quoted"', 'a, b', 'x'.repeat(65), 'a\r\nX-Evil: 1']) {
      const { settings, problems } = read({ SLOWPATH_CACHE_STATUS: name });
      expect(settings).toEqual(defaults);
      expect(problems).toEqual([expect.stringMatching(/^SLOWPATH_CACHE_STATUS=".+" is not a name of letters/)]);
    }
    for (const off of [{ NODE_ENV: 'production' }, { SLOWPATH_RESPONSE_HEADERS: 'off' }])
      expect(read({ SLOWPATH_CACHE_STATUS: 'shop', ...off }).problems).toEqual([
        'SLOWPATH_CACHE_STATUS has no effect while no response headers are written. Set SLOWPATH_RESPONSE_HEADERS=on.',
      ]);
  });

  it('that are empty or blank count as not set', () => {
    const variables = [...SETTING_VARIABLES, ...thresholdSettings.map(({ variable }) => variable)];
    for (const blank of ['', ' ', '\t \n']) {
      const environment = Object.fromEntries(variables.map((variable) => [variable, blank]));
      expect(read(environment)).toEqual({ settings: defaults, problems: [] });
    }
  });
});

describe('a setting with a word of a list', () => {
  const words: Readonly<Record<string, readonly [accepted: string, fallback: string]>> = {
    SLOWPATH_ENABLED: ['on or off', 'on'],
    SLOWPATH_INSTRUMENTATION: ['auto or lean', 'auto'],
    SLOWPATH_RESPONSE_HEADERS: ['on or off', 'on'],
    SLOWPATH_FINDING_LOG: ['on or off', 'on'],
    SLOWPATH_REPORT: ['off, text or json', 'off'],
  };

  it.each(Object.entries(words))(
    '%s is the default for any other word, and one line says so',
    (variable, [accepted, fallback]) => {
      for (const bad of ['abc', '-1', '1e99', 'NaN', 'o n', 'true', '1', 'onoff', '__proto__', 'constructor']) {
        const { settings, problems } = read({ [variable]: bad });
        expect(settings).toEqual(defaults);
        expect(problems).toHaveLength(1);
        expect(problems[0]).toBe(`${variable}="${bad}" is not ${accepted}. Using ${fallback} (the default).`);
      }
    },
  );

  it('names the default of production there', () => {
    const { problems } = read({ NODE_ENV: 'production', SLOWPATH_FINDING_LOG: 'yes' });
    expect(problems).toEqual(['SLOWPATH_FINDING_LOG="yes" is not on or off. Using off (the default).']);
  });

  it('listens to no signal that it cannot listen to', () => {
    for (const bad of ['abc', 'sigusr2', 'SIGKILL', '9']) {
      const { settings, problems } = read({ SLOWPATH_REPORT_SIGNAL: bad });
      expect(settings).toEqual(defaults);
      expect(problems).toEqual([
        `SLOWPATH_REPORT_SIGNAL="${bad}" is not a signal that can be listened to, for example SIGUSR2. Listening to none (the default).`,
      ]);
    }
  });

  it('takes standard error, off or a path for the request log, and no other word', () => {
    const placeOf = (text: string) => read({ SLOWPATH_REQUEST_LOG: text }).settings.requestLog;
    expect(['stderr', 'STDERR', 'off', 'Off'].map(placeOf)).toEqual(['stderr', 'stderr', undefined, undefined]);
    for (const path of ['./stdout', '/dev/stdout', 'a.ndjson', 'logs/a', 'C:\\logs\\a'])
      expect(placeOf(path)).toBe(path);
    for (const bad of ['stdout', 'on', 'true', '1', 'json']) {
      expect(read({ SLOWPATH_REQUEST_LOG: bad })).toEqual({
        settings: defaults,
        problems: [
          `SLOWPATH_REQUEST_LOG="${bad}" is not stderr, nor a path with a "/" or a "." in it, for example ./requests.ndjson. Writing none (the default).`,
        ],
      });
    }
    expect(read({ SLOWPATH_REQUEST_LOG_ONLY: 'slow' }).problems).toEqual([
      'SLOWPATH_REQUEST_LOG_ONLY="slow" is not all or notable. Using all (the default).',
    ]);
  });

  it('leaves out what is not in the list of redactions, one line for each, and keeps the rest', () => {
    const { settings, problems } = read({ SLOWPATH_UNREDACTED: 'query-text,passwords,error-text,all' });
    expect(settings.unredacted).toEqual(['query-text', 'error-text']);
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain(
      'names "passwords", which is not one of query-text, url-values, redis-keys, error-text.',
    );
    expect(problems[1]).toContain('names "all"');
  });
});

describe.each(thresholdSettings)('$variable', ({ variable, kind, name, defaultValue, minValue }) => {
  const isShare = ['minSavedRatio', 'minTimeShare', 'minHitRate'].includes(name);
  const maxValue = isShare ? 1 : 86_400_000;
  const valueOf = (text: string) => read({ [variable]: text }).settings.thresholds[kind]?.[name];

  it('takes its least value, its default and its greatest value', () => {
    for (const value of [minValue, defaultValue, maxValue]) {
      expect(read({ [variable]: String(value) }).problems).toEqual([]);
      expect(valueOf(String(value))).toBe(value);
    }
  });

  it.each(['abc', '-1', 'NaN', 'Infinity', '-Infinity', '1 000', '1,5', '200ms', '٣', '--5', 'null', '[]', '5n'])(
    'keeps the default for "%s", and one line names the value, what was expected and the default',
    (bad) => {
      const { settings, problems } = read({ [variable]: bad });
      expect(settings).toEqual(defaults);
      const noun = name.endsWith('Ms') ? 'a number of milliseconds' : 'a number';
      expect(problems).toEqual([
        `${variable}="${bad}" is not ${noun} from ${minValue} to ${maxValue}. Using ${defaultValue} (the default).`,
      ]);
    },
  );

  // No request lasts 10^99 ms: such a value is a slip that would switch the detector off in silence.
  it('keeps the default for 1e99', () => {
    const { settings, problems } = read({ [variable]: '1e99' });
    expect(settings).toEqual(defaults);
    expect(problems).toHaveLength(1);
  });

  it.each([minValue - 1, maxValue + 1])('keeps the default for a number that is out of its range: %d', (value) => {
    const { settings, problems } = read({ [variable]: String(value) });
    expect(settings).toEqual(defaults);
    expect(problems).toHaveLength(1);
  });
});

describe('the least values of thresholds', () => {
  it('let no environment set a loop of less than 5', () => {
    for (const refused of ['0', '1', '3', '4', '4.99']) {
      const { settings, problems } = read({ SLOWPATH_N_PLUS_ONE_MIN_QUERIES: refused });
      expect(settings.thresholds).toEqual({});
      expect(problems).toEqual([
        `SLOWPATH_N_PLUS_ONE_MIN_QUERIES="${refused}" is not a number from 5 to 86400000. Using 5 (the default).`,
      ]);
    }
  });

  it('let 0 stand where 0 means "always", and refuse it elsewhere', () => {
    const zeros = thresholdSettings.filter(({ variable }) => read({ [variable]: '0' }).problems.length === 0);
    expect(zeros.map(({ variable }) => variable)).toEqual([
      'SLOWPATH_N_PLUS_ONE_MIN_TOTAL_MS',
      'SLOWPATH_N_PLUS_ONE_WARNING_TOTAL_MS',
      'SLOWPATH_CONSECUTIVE_QUERIES_MIN_SAVED_RATIO',
      'SLOWPATH_HIGH_FREQUENCY_ENDPOINT_MIN_TIME_SHARE',
      'SLOWPATH_LOW_CACHE_HIT_RATE_MIN_HIT_RATE',
    ]);
  });

  it('let one query be no duplicate', () => {
    expect(read({ SLOWPATH_DUPLICATE_QUERY_MIN_QUERIES: '1' }).problems).toHaveLength(1);
    expect(read({ SLOWPATH_DUPLICATE_QUERY_MIN_QUERIES: '2' }).problems).toEqual([]);
  });
});

describe('a variable of slowpath that is no setting', () => {
  it.each([
    ['SLOWPATH_REPROT', 'SLOWPATH_REPORT'],
    ['SLOWPATH_SLOW_QUERY_MIN', 'SLOWPATH_SLOW_QUERY_MIN_MS'],
    ['SLOWPATH_NPLUSONE_MIN_QUERIES', 'SLOWPATH_N_PLUS_ONE_MIN_QUERIES'],
    ['SLOWPATH_ENABLE', 'SLOWPATH_ENABLED'],
  ])('%s gives one line with the hint %s', (variable, hint) => {
    expect(read({ [variable]: 'on' })).toEqual({
      settings: defaults,
      problems: [`${variable} is not a setting of slowpath and has no effect. Did you mean ${hint}?`],
    });
  });

  it('gives no hint where nothing is near', () => {
    expect(read({ SLOWPATH_KAFKA_PARTITION_COUNT: '3' }).problems).toEqual([
      'SLOWPATH_KAFKA_PARTITION_COUNT is not a setting of slowpath and has no effect.',
    ]);
  });

  it('is no matter when it is not ours, or one of the tests', () => {
    expect(read({ slowpath_report: 'x', MY_SLOWPATH_X: '1', SLOWPATH_TEST_DATABASE_URL: 'x' }).problems).toEqual([]);
  });
});

describe('the lines about settings', () => {
  it('are one line each, short and without control characters, whatever the values', () => {
    const variables = [
      ...SETTING_VARIABLES,
      ...thresholdSettings.map(({ variable }) => variable),
      'SLOWPATH_X\u001b[2J\n',
    ];
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...variables),
          fc.oneof(
            fc.string({ unit: 'binary', maxLength: 400 }),
            fc.constantFrom('\u001b[31mred', 'a\r\nb', '\u009b1m'),
          ),
        ),
        (environment) => {
          for (const problem of read(environment).problems) {
            // oxlint-disable-next-line no-control-regex
            expect(problem).not.toMatch(/[\u0000-\u001f\u007f]/);
            expect(problem.length).toBeLessThan(400);
          }
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('thresholdVariable', () => {
  it('names a threshold as its detector and its words', () => {
    expect(thresholdVariable('n-plus-one', 'minQueries')).toBe('SLOWPATH_N_PLUS_ONE_MIN_QUERIES');
    expect(thresholdVariable('slow-query', 'minMs')).toBe('SLOWPATH_SLOW_QUERY_MIN_MS');
    expect(thresholdVariable('n-plus-one-http', 'maxStartGapMs')).toBe('SLOWPATH_N_PLUS_ONE_HTTP_MAX_START_GAP_MS');
  });

  it('gives every threshold a variable of its own', () => {
    const variables = thresholdSettings.map(({ variable }) => variable);
    expect(variables.length).toBeGreaterThan(0);
    expect(new Set([...variables, ...SETTING_VARIABLES]).size).toBe(variables.length + SETTING_VARIABLES.length);
  });
});
