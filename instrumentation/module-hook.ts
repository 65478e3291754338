import * as nodeModule from 'node:module';
import { register, supportsSyncHooks } from 'import-in-the-middle/register-hooks.mjs';
import type { Instrumentation } from '@opentelemetry/instrumentation';

/** The part of InstrumentationBase that names the modules it patches. */
interface WithModules {
  readonly _modules?: readonly { readonly name: string }[];
  /** By module: the ES modules of it that are to be hooked, where that is not all of them. */
  readonly hookedFiles?: Readonly<Record<string, RegExp>>;
}

/**
 * Has `node:http` and `node:https` patched at once, by requiring them, and carries the patches over into their ES module
 * exports: an application's `import { get } from 'node:http'` is bound to those, and they were made when our own export
 * path loaded the module.
 */
export function patchBuiltinModules(): void {
  const require = nodeModule.createRequire(import.meta.url);
  require('node:http');
  require('node:https');
  nodeModule.syncBuiltinESMExports();
}

/**
 * Lets ES module imports be patched, limited to the modules that some instrumentation patches: a hook on every module costs
 * start-up time and breaks bundles. Call after the SDK has started, so that its own modules stay as they are.
 */
export function installModuleHook(instrumentations: readonly Instrumentation[]): void {
  // Without a main file (`node -e`, the prompt) Node's loading of its builtins does not get past such a hook.
  if (process.argv[1] === undefined) return;
  const include = [...modulesOf(instrumentations)].flatMap(([name, hookedFiles]) =>
    hookedFiles === undefined ? [name, `node:${name}`, new RegExp(`/node_modules/${escaped(name)}/`)] : [hookedFiles],
  );
  if (supportsSyncHooks()) register({ include });
  // The older way runs the hook on a thread of its own: slower to start, the same spans.
  else nodeModule.register('import-in-the-middle/hook.mjs', import.meta.url, { data: { include } });
}

function modulesOf(instrumentations: readonly Instrumentation[]): Map<string, RegExp | undefined> {
  const names = new Map<string, RegExp | undefined>();
  for (const instrumentation of instrumentations) {
    const { _modules: modules = [], hookedFiles } = instrumentation as WithModules;
    for (const { name } of modules) {
      const files = hookedFiles?.[name];
      // Another instrumentation may want the whole of it.
      if (files === undefined || !names.has(name)) names.set(name, files);
    }
  }
  return names;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}
