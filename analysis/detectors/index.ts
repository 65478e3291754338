import type { RequestDetector } from '../detector.ts';
import { duplicateQuery } from './duplicate-query.ts';
import { nPlusOne } from './n-plus-one.ts';
import { slowEndpoint } from './slow-endpoint.ts';
import { slowQuery } from './slow-query.ts';

/** Every detector, in report order. To add one: a file here, a line here, a test in tests/analysis/, a page in docs/findings/. */
export const requestDetectors: readonly RequestDetector[] = [nPlusOne, duplicateQuery, slowQuery, slowEndpoint];
