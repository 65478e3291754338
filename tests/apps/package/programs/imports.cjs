// Uses every entry from CommonJS.
const { performanceMonitor, queryAnalyzer, start } = require('slowpath');
const { RequestSpanProcessor } = require('slowpath/processors');
const analysis = require('slowpath/analysis');

console.log(
  JSON.stringify({
    processor: typeof new RequestSpanProcessor().onEnd,
    requestCount: performanceMonitor.getStatistics().count,
    queryAnalyzer: typeof queryAnalyzer,
    start: typeof start,
    analysisExports: Object.keys(analysis).length,
  }),
);
