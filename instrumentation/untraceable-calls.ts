const HTTP = '@opentelemetry/instrumentation-http';

/**
 * Recognises the calls of a patched function that the official instrumentation would change on their way: they go to the
 * original, without a span. Undefined where there are none.
 *
 * `http.request({ headers: [...] })`, as a proxy passes on `rawHeaders`: instrumentation-http copies the headers into an
 * object, and the list's indexes leave as the headers' names.
 */
export function untraceableCalls(
  instrumentationName: string,
  functionName: string,
): ((args: readonly unknown[]) => boolean) | undefined {
  if (instrumentationName !== HTTP || (functionName !== 'request' && functionName !== 'get')) return undefined;
  // The options stand first, or second after a URL.
  return ([first, second]) => hasHeaderList(first) || hasHeaderList(second);
}

function hasHeaderList(options: unknown): boolean {
  return typeof options === 'object' && options !== null && Array.isArray((options as { headers?: unknown }).headers);
}
