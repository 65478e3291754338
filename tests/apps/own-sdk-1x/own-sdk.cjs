/** An application's own OpenTelemetry of the 1.x line: its API refuses a registry of another version. */
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');

exports.startOwnSdk = () => {
  const sdk = new NodeSDK({
    serviceName: 'own',
    instrumentations: [new HttpInstrumentation(), new PgInstrumentation()],
    traceExporter: new OTLPTraceExporter({ url: `${process.env.OWN_ENDPOINT}/v1/traces` }),
    autoDetectResources: false,
  });
  sdk.start();
  process.on('SIGTERM', () => {
    sdk.shutdown().then(() => process.exit(0));
  });
};
