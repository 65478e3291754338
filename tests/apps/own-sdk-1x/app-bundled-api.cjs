/** Registers through a copy of the API that no package.json describes. */
const { trace, propagation } = require(process.env.API);

console.log(`trace ${trace.setGlobalTracerProvider({ getTracer: () => undefined })}`);
console.log(
  `propagation ${propagation.setGlobalPropagator({ inject() {}, extract: (context) => context, fields: () => [] })}`,
);
