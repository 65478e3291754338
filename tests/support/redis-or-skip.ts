import { startRedis, type Redis, type RedisOptions } from '../../scripts/redis.ts';

/**
 * A Redis for tests: the server of SLOWPATH_TEST_REDIS_URL, or one of their own. Options ask for one of their own.
 * Where there is none it says what to do and gives `undefined`, for tests to be skipped; in CI it throws.
 */
export async function startRedisOrSkip(options?: RedisOptions): Promise<Redis | undefined> {
  try {
    return await startRedis(options ?? { url: process.env['SLOWPATH_TEST_REDIS_URL'] });
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error;
    process.stderr.write(
      `Tests that need Redis are skipped: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return undefined;
  }
}
