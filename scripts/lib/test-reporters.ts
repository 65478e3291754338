import { join } from 'node:path';

/** The folder that takes one JSON file of results per part of the tests. CI counts them; unset, none are written. */
export const RESULTS_FOLDER_VARIABLE = 'SLOWPATH_TEST_RESULTS';

/** The parts of `npm run test:all` that Vitest runs, each with a configuration of its own. */
export const TEST_PARTS = ['unit', 'lean', 'apps', 'stack'] as const;
export type TestPart = (typeof TEST_PARTS)[number];

/** The reporters of a Vitest configuration: the one for the terminal, and beside it `<results folder>/<part>.json`. */
export function testReporters(part: TestPart): { reporters?: string[]; outputFile?: { json: string } } {
  const folder = process.env[RESULTS_FOLDER_VARIABLE];
  if (folder === undefined || folder === '') return {};
  return { reporters: ['default', 'json'], outputFile: { json: join(folder, `${part}.json`) } };
}
