import { describeOrm } from '../../support/orm-contract.ts';

describeOrm({
  name: 'Knex, CommonJS',
  file: 'tests/apps/knex/app.cjs',
  sources: ['tests/apps/knex/app.cjs', 'tests/apps/knex/lookups.cjs'],
});
