import { afterEach, describe, expect, it, vi } from 'vitest';
import { environmentOf } from '../../bench/overhead/lib/app.ts';
import { readOptions } from '../../bench/overhead/lib/options.ts';
import { parseCoreList } from '../../bench/overhead/lib/pinning.ts';
import { requestCounts, ROUTES } from '../../bench/overhead/lib/routes.ts';
import { VARIANTS } from '../../bench/overhead/lib/variants.ts';

afterEach(() => void vi.unstubAllEnvs());

describe('readOptions', () => {
  it('runs everything five times without flags', () => {
    expect(readOptions([])).toEqual({
      mode: 'variants',
      frameworks: ['express', 'fastify'],
      variants: VARIANTS.map(({ name }) => name),
      rounds: 5,
      scale: 1,
      secondsMax: Number.POSITIVE_INFINITY,
      json: false,
      help: false,
    });
  });

  it('always runs the application alone too', () => {
    expect(readOptions(['--variants', 'dd-trace,otel-plain']).variants).toEqual(['none', 'otel-plain', 'dd-trace']);
  });

  it('bounds a quick run in time, unless the rounds are said', () => {
    expect(readOptions(['--quick'])).toMatchObject({ rounds: 2, scale: 0.2, secondsMax: 160 });
    expect(readOptions(['--quick', '--rounds', '7'])).toMatchObject({
      rounds: 7,
      secondsMax: Number.POSITIVE_INFINITY,
    });
  });

  it.each([
    [['--variants', 'otel-plane'], '"otel-plane" is not one of none, none-again, otel-plain'],
    [['--framework', 'koa'], '"koa" is not one of express, fastify'],
    [['--rounds', '2.5'], '"2.5" is not a whole number from 1 to 100'],
    [['--rounds', '0'], '"0" is not a whole number'],
    [['--scale', 'half'], '"half" is not a number above 0'],
    [['--fast'], "Unknown option '--fast'"],
    [['--features', '--demo'], 'give one'],
  ])('refuses %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});

it("starts the applications without the settings of somebody else's session, and sends every tool to the sink", () => {
  vi.stubEnv('OTEL_TRACES_SAMPLER', 'always_off');
  vi.stubEnv('SLOWPATH_ENABLED', 'off');
  vi.stubEnv('DD_TRACE_ENABLED', 'false');
  vi.stubEnv('NODE_OPTIONS', '--enable-source-maps');
  const env = environmentOf(
    { name: 'x', title: '', pairedWith: 'x', env: { OTEL_SERVICE_NAME: 'bench' } },
    'http://127.0.0.1:1',
  );
  const foreign = ['OTEL_TRACES_SAMPLER', 'SLOWPATH_ENABLED', 'DD_TRACE_ENABLED', 'NODE_OPTIONS'];
  expect(foreign.filter((name) => name in env)).toEqual([]);
  expect(env).toMatchObject({
    PATH: process.env['PATH'],
    OTEL_SERVICE_NAME: 'bench',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    DD_TRACE_AGENT_URL: 'http://127.0.0.1:1',
  });
});

it('warms up with at least 100 requests and measures at least 20, at any scale', () => {
  const counts = ROUTES.map((route) => requestCounts(route, 0.01));
  expect(counts.every(({ warmUp, measured }) => warmUp >= 100 && measured >= 20)).toBe(true);
  expect(ROUTES.map(({ queries }) => queries)).toEqual([0, 1, 3, 21]);
});

it.each([
  ["pid 7's current affinity list: 0,1\n", [0, 1]],
  ["pid 7's current affinity list: 0-2,5,8-9\n", [0, 1, 2, 5, 8, 9]],
  ["pid 7's current affinity list: 3\n", [3]],
  ['', []],
])('reads %j', (output, cores) => {
  expect(parseCoreList(output)).toEqual(cores);
});
