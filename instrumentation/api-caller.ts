import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getCallSites } from 'node:util';

/** What the calls that lead here tell about a registration with OpenTelemetry's API. */
export interface ApiCaller {
  /** A tracer provider, a context manager or a propagator is being registered. */
  readonly isTracing: boolean;
  /** Of the copy of `@opentelemetry/api` that registers; undefined where its package is not found, as in a bundle. */
  readonly version: string | undefined;
}

/** The public methods of the API through which an SDK registers its tracing; minifiers keep their names. */
const TRACING_METHODS = new Set(['setGlobalTracerProvider', 'setGlobalContextManager', 'setGlobalPropagator']);
const API_FILE = /^(.*[\\/]@opentelemetry[\\/]api)[\\/].*[\\/]global-utils\.\w+$/;
/** Our own calls, the API's two or three, and some to spare. */
const FRAMES = 10;

const versions = new Map<string, string | undefined>();

/** Reads the stack by itself: the application's `Error.prepareStackTrace` is not run, its `Error.stackTraceLimit` is not asked. */
export function describeApiCaller(): ApiCaller {
  const calls = getCallSites(FRAMES, { sourceMap: false });
  let folder: string | undefined;
  for (const { scriptName } of calls) folder ??= apiFolder(scriptName);
  return {
    isTracing: calls.some(({ functionName }) => TRACING_METHODS.has(functionName)),
    version: folder === undefined ? undefined : versionIn(folder),
  };
}

/** The package's folder, if the script is the file of the API that registers. */
function apiFolder(scriptName: string): string | undefined {
  const path = scriptName.startsWith('file:') ? fileURLToPath(scriptName) : scriptName;
  return API_FILE.exec(path)?.[1];
}

/** Read once: an application has a few copies of the API, and each registers a few times. */
function versionIn(folder: string): string | undefined {
  if (!versions.has(folder)) versions.set(folder, readVersion(folder));
  return versions.get(folder);
}

function readVersion(folder: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Record<string, unknown>;
    return name === '@opentelemetry/api' && typeof version === 'string' ? version : undefined;
  } catch {
    // A copy without its package.json is a bundle in all but name.
    return undefined;
  }
}
