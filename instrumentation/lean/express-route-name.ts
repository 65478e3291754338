/** The path of a route or a mount as text; `undefined` where the first argument of `use` is no path. */
export function layerPath(path: unknown): string | undefined {
  if (Array.isArray(path)) {
    const texts = path.map(single);
    return texts.every((text) => text === undefined) ? undefined : texts.map((text) => text ?? '').join(',');
  }
  return single(path);
}

function single(path: unknown): string | undefined {
  if (typeof path === 'string') return path;
  return path instanceof RegExp || typeof path === 'number' ? path.toString() : undefined;
}

/** `/users` and `/:id` are `/users/:id`; `/users` and `/` are `/users`. As OpenTelemetry's Express instrumentation has it. */
export function joinedRoute(paths: readonly string[]): string {
  const telling = paths.filter((path) => path !== '/' && path !== '/*' && !/^\/\{\*[^}]*\}$/.test(path));
  if (telling.length === 0) return '/';
  if (telling.length === 1 && telling[0] === '*') return '*';
  const joined = telling.join('').replaceAll(/\/{2,}/g, '/');
  return joined.startsWith('/') ? joined : `/${joined}`;
}
