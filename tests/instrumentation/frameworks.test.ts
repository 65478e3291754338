import { describeFramework } from '../support/framework-contract.ts';

describeFramework({ name: 'node:http, ESM', file: 'tests/fixtures/app-http.mjs', hasRoutes: false });
describeFramework({ name: 'node:http, CommonJS', file: 'tests/fixtures/app-http.cjs', hasRoutes: false });
describeFramework({ name: 'Fastify 5, ESM', file: 'tests/fixtures/app-fastify.mjs', hasRoutes: true });
describeFramework({ name: 'Fastify 5, CommonJS', file: 'tests/fixtures/app-fastify.cjs', hasRoutes: true });
