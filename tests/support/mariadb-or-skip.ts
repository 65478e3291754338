import { startMariadb, type Mariadb } from '../../scripts/mariadb.ts';

/**
 * A MariaDB for tests: in the server of SLOWPATH_TEST_MARIADB_URL, or in one of their own.
 * Where there is none it says what to do and gives `undefined`, for tests to be skipped; in CI it throws.
 */
export async function startMariadbOrSkip(): Promise<Mariadb | undefined> {
  try {
    return await startMariadb({ url: process.env['SLOWPATH_TEST_MARIADB_URL'] });
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error;
    process.stderr.write(
      `Tests that need MariaDB are skipped: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return undefined;
  }
}
