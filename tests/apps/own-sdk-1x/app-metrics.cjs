require('./register-metrics.cjs');
require('./server.cjs');
