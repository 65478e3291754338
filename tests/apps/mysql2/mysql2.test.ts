import { afterAll } from 'vitest';
import { startMariadbOrSkip } from '../../support/mariadb-or-skip.ts';
import { describeOrm } from '../../support/orm-contract.ts';

const mariadb = await startMariadbOrSkip();
afterAll(() => mariadb?.stop());

describeOrm({
  name: 'mysql2 on MariaDB, ESM',
  file: 'tests/apps/mysql2/app.mjs',
  sources: ['tests/apps/mysql2/app.mjs', 'tests/apps/mysql2/lookups.mjs'],
  databaseUrl: mariadb?.url ?? '',
});
