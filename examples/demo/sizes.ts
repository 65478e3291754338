/** How many rows the seeding puts into each table; usage_events grows until its query is slow. */
export const sizes = { users: 5_000, meetings: 200, documents: 500, features: 8, components: 20 } as const;

/** Values that the cache of the `cached` variant has room for: fewer than the load asks for, so that some must go. */
export const CACHE_ENTRIES = 200;
