import { describeFramework } from '../../support/framework-contract.ts';

describeFramework({ name: 'Express 5, ESM', file: 'tests/apps/express5/app.mjs', hasRoutes: true });
describeFramework({ name: 'Express 5, CommonJS', file: 'tests/apps/express5/app.cjs', hasRoutes: true });
