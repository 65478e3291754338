/** Durations that are kept of the queries of one shape in one request: what 800 bytes hold. */
export const MAX_DURATIONS = 100;
