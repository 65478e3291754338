// What to do about a finding, in the words of the application's ORM or driver: one file for each question.
export { adviseConsecutive } from './advice/consecutive.ts';
export { adviseDuplicate } from './advice/duplicate.ts';
export { adviseLoop, type LoopToAdvise } from './advice/loop.ts';
export { adviseSlow } from './advice/slow.ts';
export { adviseUnbounded } from './advice/unbounded.ts';
