// Uses every entry that is to be imported.
import { performanceMonitor, queryAnalyzer, start } from 'slowpath';
import { RequestSpanProcessor } from 'slowpath/processors';
import * as analysis from 'slowpath/analysis';

console.log(
  JSON.stringify({
    processor: typeof new RequestSpanProcessor().onEnd,
    requestCount: performanceMonitor.getStatistics().count,
    queryAnalyzer: typeof queryAnalyzer,
    start: typeof start,
    analysisExports: Object.keys(analysis).length,
  }),
);
