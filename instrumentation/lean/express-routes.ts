import type { FaultLog } from '../../core/fault-log.ts';
import { context as contextApi } from '@opentelemetry/api';
import { joinedRoute, layerPath } from './express-route-name.ts';
import type { AnyMethod, PatchSet } from './patch-set.ts';
import { httpMetadataOf, type HttpMetadata } from './rpc-metadata.ts';

interface Layer {
  handle: AnyMethod;
}
interface WithStack {
  readonly stack?: readonly Layer[];
}
interface ExpressRequest {
  readonly baseUrl?: string;
  readonly route?: unknown;
  [MOUNT]?: Mount;
}
/** A router, or whatever else is mounted on a path, that the request is in. */
interface Mount {
  /** The path as the request has it, from the first to this one; and as the application has written each. */
  readonly baseUrl: string;
  readonly paths: readonly string[];
  readonly outer: Mount | undefined;
}

export interface ExpressExports {
  readonly Route?: { readonly prototype: object };
  /** A class with a prototype in Express 5; in Express 4 the object that routers inherit from. */
  readonly Router?: object & { readonly prototype?: { readonly use?: unknown } };
}

const MOUNT = Symbol('slowpath.express.mount');

/**
 * Tells the HTTP instrumentation which route of an Express application a request took. The route is taken where it is
 * entered: when the response ends, an error has lost the mount path, and `baseUrl` has values where the path has names. False when there was
 * nothing to patch.
 */
export function patchExpress(patches: PatchSet, { Route, Router }: ExpressExports, faults: FaultLog): boolean {
  if (Route === undefined || Router === undefined) return false;
  const isNew = patches.wrap(
    Route.prototype,
    'dispatch',
    (original) =>
      function dispatch(this: unknown, ...args: unknown[]): unknown {
        try {
          const metadata = httpMetadataOf(contextApi.active());
          if (metadata !== undefined) nameRoute(metadata, args[0] as ExpressRequest, (this as { path?: unknown }).path);
        } catch (thrown) {
          faults.caught('express route', thrown);
        }
        return original.apply(this, args);
      },
  );
  const router = typeof Router.prototype?.use === 'function' ? Router.prototype : Router;
  patches.wrap(
    router,
    'use',
    (original) =>
      function use(this: unknown, ...args: unknown[]): unknown {
        const { stack } = this as WithStack;
        const before = stack?.length ?? 0;
        const result = original.apply(this, args);
        const path = layerPath(args[0]);
        // The stack is made by the first layer in some versions.
        if (path !== undefined && path !== '/')
          for (const layer of ((this as WithStack).stack ?? []).slice(before)) mount(layer, path, faults);
        return result;
      },
  );
  return isNew;
}

function nameRoute(metadata: HttpMetadata, request: ExpressRequest, path: unknown): void {
  const route = layerPath(path);
  const baseUrl = request.baseUrl ?? '';
  const inner = mountOf(request, baseUrl);
  // Mounted in a way that was not seen: its part of the path is only known with its values.
  if (route === undefined || (baseUrl !== '' && inner?.baseUrl !== baseUrl)) return;
  metadata.route = joinedRoute([...(inner?.paths ?? []), route]);
}

/** What is mounted there names the request until a route does: files that are served from a folder have none. */
function mount(layer: Layer, path: string, faults: FaultLog): void {
  const original = layer.handle;
  // Error handlers are told from others by the number of their parameters.
  if (typeof original !== 'function' || original.length > 3) return;
  const mounted: AnyMethod = function (this: unknown, ...args) {
    try {
      const [request, , next] = args;
      const metadata = httpMetadataOf(contextApi.active());
      if (metadata !== undefined) args[2] = enter(metadata, request as ExpressRequest, path, next);
    } catch (thrown) {
      faults.caught('express mount', thrown);
    }
    return original.apply(this, args);
  };
  Object.defineProperty(mounted, 'length', { value: original.length, configurable: true });
  Object.defineProperty(mounted, 'name', { value: original.name, configurable: true });
  // Tools that list an application's routes go from layer to layer by the router's properties.
  for (const key of Object.keys(original)) {
    Object.defineProperty(mounted, key, {
      configurable: true,
      enumerable: true,
      get: () => (original as unknown as Record<string, unknown>)[key],
      set(value: unknown) {
        (original as unknown as Record<string, unknown>)[key] = value;
      },
    });
  }
  layer.handle = mounted;
}

/** Returns the `next` that leaves again. */
function enter(metadata: HttpMetadata, request: ExpressRequest, path: string, next: unknown): unknown {
  const baseUrl = request.baseUrl ?? '';
  const outer = mountOf(request, baseUrl, true);
  const before = metadata.route;
  const paths = [...(outer?.paths ?? []), path];
  request[MOUNT] = { baseUrl, paths, outer };
  metadata.route = joinedRoute(paths);
  if (typeof next !== 'function') return next;
  return function (this: unknown, ...args: unknown[]): unknown {
    const error = args[0];
    const isError = error !== undefined && error !== null && error !== 'route' && error !== 'router';
    // An error keeps the route that it came from.
    if (!isError || request.route === undefined) metadata.route = before;
    return (next as AnyMethod).apply(this, args);
  };
}

/** The innermost mount that the request is in, or would be in below `baseUrl`. */
function mountOf(request: ExpressRequest, baseUrl: string, isOuter = false): Mount | undefined {
  let mount = request[MOUNT];
  while (mount !== undefined && !isWithin(baseUrl, mount.baseUrl, isOuter)) mount = mount.outer;
  return mount;
}

function isWithin(baseUrl: string, outer: string, isOuter: boolean): boolean {
  if (baseUrl === outer) return !isOuter;
  return baseUrl.startsWith(outer) && (outer === '' || baseUrl[outer.length] === '/');
}
