import { createContextKey, type Context, type Span } from '@opentelemetry/api';

/** Of OpenTelemetry's instrumentations: those of frameworks write the route here, that of HTTP puts it on its span. */
const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA');

export interface HttpMetadata {
  readonly type: 'http';
  readonly span: Span;
  route: string | undefined;
}

export function withHttpMetadata(context: Context, metadata: HttpMetadata): Context {
  return context.setValue(RPC_METADATA, metadata);
}

/** Of the request that is being handled, whoever made its span. */
export function httpMetadataOf(context: Context): HttpMetadata | undefined {
  const metadata = context.getValue(RPC_METADATA) as HttpMetadata | undefined;
  return metadata?.type === 'http' ? metadata : undefined;
}
