import { describeOrm } from '../../support/orm-contract.ts';

describeOrm({
  name: 'Sequelize, CommonJS',
  file: 'tests/apps/sequelize/app.cjs',
  sources: ['tests/apps/sequelize/app.cjs', 'tests/apps/sequelize/lookups.cjs'],
});
