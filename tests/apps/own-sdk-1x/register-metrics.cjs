/** Registers a logger and metrics through API 1.9, and no SDK for tracing. */
const { diag, metrics, DiagLogLevel } = require('@opentelemetry/api');
const { MeterProvider } = require('@opentelemetry/sdk-metrics');

const logger = { error() {}, warn() {}, info() {}, debug() {}, verbose() {} };
const provider = new MeterProvider();
console.log(`setLogger ${diag.setLogger(logger, DiagLogLevel.ERROR)}`);
console.log(`setGlobalMeterProvider ${metrics.setGlobalMeterProvider(provider)}`);
console.log(`again ${metrics.setGlobalMeterProvider(provider)}`);
console.log(`read ${metrics.getMeterProvider() === provider}`);
