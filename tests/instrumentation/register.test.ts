import { describe, expect, inject, it } from 'vitest';
import { AppProcess, REGISTER, runApp, serverSpan } from '../support/app-process.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';

const quiet = { OTEL_TRACES_EXPORTER: 'none' };
const signals = 'tests/fixtures/app-signals.mjs';

/** Starts the application, asks it once, ends it by SIGTERM; returns what it printed. */
async function outputOf(
  env: Readonly<Record<string, string>>,
  nodeArgs: readonly string[] = [],
  withSlowpath = true,
): Promise<string> {
  const app = AppProcess.start({ file: signals, env, nodeArgs, withSlowpath });
  try {
    const response = await fetch(await app.url());
    expect(response.status).toBe(200);
    await app.end('SIGTERM');
    return app.stderr;
  } finally {
    app.kill();
  }
}

describe('a setting that cannot be used', () => {
  it.each([
    ['SLOWPATH_SLOW_QUERY_MIN_MS', 'fast', '200'],
    ['SLOWPATH_RESPONSE_HEADERS', 'maybe', 'on'],
    ['SLOWPATH_REPORT', 'pdf', 'off'],
    ['SLOWPATH_REPORT_SIGNAL', 'SIGNAL', 'none'],
    ['SLOWPATH_N_PLUS_ONE_MIN_QUERIES', '3', '5'],
    ['OTEL_TRACES_SAMPLER', 'sometimes', 'parentbased_always_on'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '-1', '2048'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'carrier-pigeon', 'http/json'],
  ])('%s=%s gives one line with the value and the default', async (name, value, fallback) => {
    const lines = (await outputOf({ ...quiet, [name]: value })).split('\n').filter((line) => line.includes(name));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(value);
    expect(lines[0]).toContain(fallback);
  });

  it('that does not exist is named, with the one that was meant', async () => {
    expect(await outputOf({ ...quiet, SLOWPATH_SLOW_QUERY_MIN_SM: '5' })).toContain(
      'Did you mean SLOWPATH_SLOW_QUERY_MIN_MS?',
    );
  });

  it.each(['not a url', 'http://', 'ftp://127.0.0.1'])(
    'leaves the application alone: endpoint %s',
    async (endpoint) => {
      expect(await outputOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toMatch(/spans lost: 1 /);
    },
  );
});

describe('starting', () => {
  it('a second time has no effect and says so', async () => {
    const stderr = await outputOf({ ...quiet }, ['--import', `${REGISTER}?again`]);
    expect(stderr.match(/slowpath: on/g)).toHaveLength(1);
    expect(stderr.match(/already on/g)).toHaveLength(1);
  });

  it.each([
    ['SLOWPATH_ENABLED', 'off'],
    ['OTEL_SDK_DISABLED', 'true'],
  ])('does not happen with %s=%s, in one line', async (name, value) => {
    expect(await outputOf({ [name]: value })).toBe(`slowpath: off (${name}=${value}).\n`);
  });

  it('happens in the main thread only', async () => {
    const app = AppProcess.start({ file: 'tests/fixtures/app-worker.mjs', env: quiet });
    const { code } = await app.end();
    expect(code).toBe(0);
    expect(app.stdout).toContain('from the worker: 0 listeners');
    expect(app.stderr.match(/slowpath: on/g)).toHaveLength(1);
  });

  it('works by --require of the same file', async () => {
    expect(await outputOf(quiet, ['--require', REGISTER], false)).toContain('slowpath: on');
  });
});

describe('no collector', () => {
  it('gives one line while the application runs, and the whole account at its end', async () => {
    const app = AppProcess.start({
      file: signals,
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
        OTEL_BSP_SCHEDULE_DELAY: '10',
        OTEL_EXPORTER_OTLP_TIMEOUT: '50',
      },
    });
    const url = await app.url();
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 10; n++) await (await fetch(url)).text();
      await app.printed(/no spans reach http:\/\/127\.0\.0\.1:9\/v1\/traces \(ECONNREFUSED\)/);
    }
    await app.end('SIGTERM');
    expect(app.stderr.match(/no spans reach/g)).toHaveLength(1);
    expect(app.stderr).toContain('spans lost: 30 export_failed');
  });
});

describe('a hostile traceparent', () => {
  const hostile = [
    '00-00000000000000000000000000000000-0000000000000000-01',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    '00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331',
    "'; DROP TABLE users; --",
    '0'.repeat(4000),
  ];

  it('starts a new trace and is answered', async () => {
    const { receiver } = await runApp({ file: signals }, async (url) => {
      for (const traceparent of hostile) expect((await fetch(url, { headers: { traceparent } })).status).toBe(200);
    });
    const roots = receiver.spans.filter(({ kind }) => kind === 'SERVER');
    expect(roots).toHaveLength(hostile.length);
    expect(new Set(roots.map(({ traceId }) => traceId)).size).toBe(hostile.length);
    expect(roots.filter(({ parentSpanId }) => parentSpanId !== undefined)).toEqual([]);
  });

  it('is told from a good one, whose trace goes on', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { receiver } = await runApp(
      { file: signals },
      async (url) => void (await fetch(url, { headers: { traceparent } })),
    );
    expect(serverSpan(receiver.spans)).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
    });
  });
});

describe.skipIf(inject('databaseUrl') === '')('a fault of our own', () => {
  it.each(['close', 'addQuery', 'queryCount', 'closed'])(
    'in %s reaches neither the application nor the collector',
    async (part) => {
      const { receiver, app } = await runApp(
        {
          file: 'tests/fixtures/app-http.mjs',
          // Loaded after the entry, before the application: what it breaks is what the entry has started.
          nodeArgs: ['--import', './tests/fixtures/break-slowpath.mjs'],
          env: { DATABASE_URL: inject('databaseUrl'), BREAK: part, SLOWPATH_REPORT: 'json' },
        },
        async (url) => {
          for (const path of ['/users/17', '/loop', '/literals', '/quiet?token=canary']) {
            expect((await fetch(url + path)).status).toBe(200);
          }
        },
      );
      const line = app.stderr.split('\n').find((text) => text.startsWith('{')) ?? '{}';
      const { dropped } = JSON.parse(line) as { dropped: { internal?: number } };
      expect(dropped.internal).toBeGreaterThan(0);
      expect(app.stderr).toContain('slowpath caught a fault of its own');
      expect(receiver.spans.filter(({ kind }) => kind === 'SERVER')).toHaveLength(4);
      expect(receiver.rawText).not.toContain('canary');
    },
  );
});

describe('the standard variables', () => {
  it('reach the exporter: headers, traces endpoint, service name, resource', async () => {
    const receiver = await OtlpReceiver.start();
    await outputOf({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.endpoint}/custom/path`,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc',
      OTEL_SERVICE_NAME: 'shop',
    });
    expect(receiver.requestPaths).toEqual(['/custom/path']);
    expect(receiver.requestHeaders['authorization']).toBe('Bearer abc');
    expect(serverSpan(receiver.spans).serviceName).toBe('shop');
    expect(receiver.rawText).not.toContain('process.command');
    await receiver.stop();
  });

  it.each(['http/protobuf', 'grpc'])('protocol %s leaves the application alone', async (protocol) => {
    const receiver = await OtlpReceiver.start('hang');
    const app = AppProcess.start({
      file: signals,
      env: { OTEL_EXPORTER_OTLP_PROTOCOL: protocol, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint },
    });
    expect((await fetch(await app.url())).status).toBe(200);
    const exit = await app.end('SIGTERM');
    expect(exit).toMatchObject({ signal: 'SIGTERM' });
    expect(exit.elapsedMs).toBeLessThan(3000);
    if (protocol === 'http/protobuf') expect(receiver.requestHeaders['content-type']).toBe('application/x-protobuf');
    await receiver.stop();
  });

  it('exporter console writes spans to standard output', async () => {
    const app = AppProcess.start({ file: signals, env: { OTEL_TRACES_EXPORTER: 'console' } });
    await fetch(await app.url());
    await app.end('SIGTERM');
    expect(app.stdout).toContain("'slowpath.endpoint': 'GET /'");
  });

  it('an instrumentation can be switched off, and one that is off by default on', async () => {
    const off = await runApp(
      { file: signals, env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' } },
      async (url) => void (await fetch(url)),
    );
    expect(off.receiver.spans.filter(({ kind }) => kind === 'SERVER')).toEqual([]);
    const on = await runApp(
      { file: signals, env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,net,dns' } },
      async (url) => void (await fetch(url)),
    );
    expect(on.receiver.spans.filter(({ kind }) => kind === 'SERVER')).toHaveLength(1);
  });

  it('the report comes on the signal that is named, and the application goes on', async () => {
    const app = AppProcess.start({ file: signals, env: { ...quiet, SLOWPATH_REPORT_SIGNAL: 'SIGUSR2' } });
    const url = await app.url();
    await fetch(url);
    app.signal('SIGUSR2');
    await app.printed(/slowpath report: unknown_service:node/);
    expect((await fetch(url)).status).toBe(200);
    await app.end('SIGTERM');
  });
});
