require('./own-sdk.cjs').startOwnSdk();
require('./print-registry.cjs');
require('./server.cjs');
