import { describeOrm } from '../../support/orm-contract.ts';

describeOrm({
  name: 'TypeORM, CommonJS',
  file: 'tests/apps/typeorm/app.cjs',
  sources: ['tests/apps/typeorm/app.cjs', 'tests/apps/typeorm/lookups.cjs'],
});
