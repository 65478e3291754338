import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { FaultLog } from '../../core/fault-log.ts';
import type { Environment } from '../../core/settings.ts';
import type * as DriverEntriesModule from '../driver-entries.ts';
import { instrumentationConfig, packageName } from '../instrumentation-config.ts';
import type * as ModuleHook from '../module-hook.ts';
import { noteMysqlBindValues } from '../mysql-bind-values.ts';
import { EnabledInstrumentations } from './enabled-instrumentations.ts';
import { ForwardedFetch, type UndiciClass } from './forwarded-fetch.ts';
import { HttpClientPatch, type WithDefinitions } from './http-client.ts';
import { packageOf } from './library-watch.ts';
import { withOwnRequireHook } from './own-require-hook.ts';
import {
  ES_MODULE_PACKAGES,
  OFFICIAL_PACKAGES,
  OFFICIAL_WHEN_NAMED,
  type OfficialPackage,
} from './official-packages.ts';

type InstrumentationClass = new (config: object) => Instrumentation;
type Adopt = (instrumentations: readonly Instrumentation[]) => void;
interface RequireMessage {
  readonly id?: unknown;
  readonly parentFilename?: unknown;
  readonly error?: unknown;
}

const STARTED = 'tracing:module.require:start';
const LOADED = 'tracing:module.require:end';
/** Whose queries are entered through functions that the official instrumentations do not patch. */
const WITH_DRIVER_ENTRIES = new Set(['mysql2']);

const byPackage = new Map(
  OFFICIAL_PACKAGES.flatMap((official) => official.packages.map((name) => [name, official] as const)),
);

/**
 * The official instrumentations of everything that has no lean one. Each is loaded when its package is: all of them together
 * take longer to load than many an application.
 */
export class OfficialInstrumentations {
  readonly enabled: EnabledInstrumentations;
  readonly #config: Readonly<Record<string, object | undefined>>;
  readonly #faults: FaultLog;
  readonly #loaded = new Map<string, Instrumentation>();
  readonly #require = createRequire(import.meta.url);
  readonly #httpClient: HttpClientPatch;
  readonly #fetch: ForwardedFetch;
  #adopt: Adopt = () => undefined;
  /** Modules whose loading goes past what their instrumentation has patched; they are shown to it when they are loaded. */
  readonly #awaited = new Set<string>();
  #isShowing = false;

  constructor(environment: Environment, faults: FaultLog) {
    this.enabled = new EnabledInstrumentations(environment);
    const config = instrumentationConfig(environment, faults) as Record<string, object | undefined>;
    const http = packageName('http');
    this.#config = { ...config, [http]: { ...config[http], disableIncomingRequestInstrumentation: true } };
    this.#faults = faults;
    this.#httpClient = new HttpClientPatch(
      () => this.#load({ name: 'http', className: 'HttpInstrumentation', packages: [] }) as WithDefinitions | undefined,
      faults,
    );
    this.#fetch = new ForwardedFetch((derive) => {
      this.#load({ name: 'undici', className: 'UndiciInstrumentation', packages: [] }, (made) =>
        derive(made as unknown as UndiciClass),
      );
    }, faults);
  }

  /** `adopt` is given each when it has been made, before it patches anything. */
  start(adopt: Adopt): void {
    this.#adopt = adopt;
    if (this.#loaded.size > 0) adopt([...this.#loaded.values()]);
    subscribe(STARTED, this.#onStarted);
    subscribe(LOADED, this.#onLoaded);
    if (this.enabled.has('http')) this.#httpClient.install();
    if (this.enabled.has('undici')) this.#fetch.install();
    const named = OFFICIAL_WHEN_NAMED.filter(({ name }) => this.enabled.isNamed(name));
    const early = named.map((official) => this.#load(official)).filter((made) => made !== undefined);
    this.#hookModules([...early, ...this.#esModulePackages()]);
  }

  stop(): void {
    unsubscribe(STARTED, this.#onStarted);
    unsubscribe(LOADED, this.#onLoaded);
    this.#httpClient.remove();
    this.#fetch.remove();
  }

  /** A package is being loaded: what it loads in turn is seen by its instrumentation, itself only afterwards. */
  readonly #onStarted = (message: unknown): void => {
    try {
      const { id } = message as RequireMessage;
      // What this asks for itself is no news.
      if (typeof id !== 'string' || this.#isShowing) return;
      const official = byPackage.get(packageOf(id));
      if (official === undefined || !this.enabled.has(official.name)) return;
      // An import of ES modules goes past `require`, each time; a `require` that is under way does so once.
      if (!this.#loaded.has(official.name) || isAbsolute(id)) this.#awaited.add(id);
      this.#load(official);
    } catch (thrown) {
      this.#faults.caught('loading an instrumentation', thrown);
    }
  };

  readonly #onLoaded = (message: unknown): void => {
    try {
      const { id, parentFilename, error } = message as RequireMessage;
      if (typeof id !== 'string' || !this.#awaited.delete(id) || error !== undefined) return;
      this.#show(id, isAbsolute(id) || typeof parentFilename !== 'string' ? id : parentFilename);
    } catch (thrown) {
      this.#faults.caught('patching a package', thrown);
    }
  };

  /** It is in memory: to ask for it once more only shows it to the instrumentation. */
  #show(id: string, from: string): void {
    this.#isShowing = true;
    try {
      createRequire(from)(id);
    } finally {
      this.#isShowing = false;
    }
  }

  #load(
    { name, className }: OfficialPackage,
    derive: (made: InstrumentationClass) => InstrumentationClass = (made) => made,
  ): Instrumentation | undefined {
    const known = this.#loaded.get(name);
    const config = this.#config[packageName(name)] ?? {};
    if (known !== undefined || ('enabled' in config && config.enabled === false)) return known;
    // They come with the package of all of them, which alone knows where they are.
    const require = createRequire(this.#require.resolve('@opentelemetry/auto-instrumentations-node'));
    const exports = require(packageName(name)) as Readonly<Record<string, InstrumentationClass>>;
    const Class = exports[className];
    if (Class === undefined) return undefined;
    const made = withOwnRequireHook(() => new (derive(Class))(config));
    this.#loaded.set(name, made);
    const all = WITH_DRIVER_ENTRIES.has(name) ? [made, this.#driverEntries([name])] : [made];
    noteMysqlBindValues(all, this.#faults);
    this.#adopt(all);
    return made;
  }

  #driverEntries(packages: readonly string[]): Instrumentation {
    const { DriverEntries } = this.#require(`../driver-entries${SUFFIX}`) as typeof DriverEntriesModule;
    return withOwnRequireHook(() => new DriverEntries(this.#faults, packages));
  }

  /** Those that the application has installed. */
  #esModulePackages(): readonly Instrumentation[] {
    return ES_MODULE_PACKAGES.filter(isInstalled).flatMap((name) => {
      const official = byPackage.get(name);
      if (official !== undefined) return (this.enabled.has(official.name) && this.#load(official)) || [];
      const entries = this.#driverEntries([name]);
      this.#adopt([entries]);
      return [entries];
    });
  }

  #hookModules(instrumentations: readonly Instrumentation[]): void {
    if (instrumentations.length === 0) return;
    const { installModuleHook } = this.#require(`../module-hook${SUFFIX}`) as typeof ModuleHook;
    installModuleHook(instrumentations);
  }
}

const SUFFIX = import.meta.url.slice(-3);

/** In a folder of packages above the application's main file or the working directory. */
function isInstalled(name: string): boolean {
  const from = [process.cwd(), dirname(process.argv[1] ?? '.')];
  return from.some((start) => {
    for (let folder = start; ; folder = dirname(folder)) {
      if (existsSync(join(folder, 'node_modules', name))) return true;
      if (folder === dirname(folder)) return false;
    }
  });
}
