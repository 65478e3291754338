// Its modules are loaded, and patched by slowpath, before its own SDK starts; so is its tracer made.
require('node:http');
require('pg');
const { trace } = require('@opentelemetry/api');
const tracer = trace.getTracer('own-early');
require('./own-sdk.cjs').startOwnSdk();
tracer.startSpan('made early').end();
require('./print-registry.cjs');
require('./server.cjs');
