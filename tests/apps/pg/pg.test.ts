import { describeOrm } from '../../support/orm-contract.ts';

describeOrm({
  name: 'pg, ESM',
  file: 'tests/apps/pg/app.mjs',
  sources: ['tests/apps/pg/app.mjs', 'tests/apps/pg/lookups.mjs'],
});
