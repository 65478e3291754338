/** Names of the tracers of our own instrumentations. */
export const SCOPE_HTTP = 'slowpath-http';
export const SCOPE_PG = 'slowpath-pg';
