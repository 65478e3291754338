import { context, ROOT_CONTEXT, type Context } from '@opentelemetry/api';

/** The context that is active; the root's where the context manager fails, for that is no reason to fail with it. */
export function activeContext(): Context {
  try {
    return context.active();
  } catch {
    return ROOT_CONTEXT;
  }
}
