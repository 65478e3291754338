import { spawnSync } from 'node:child_process';
import { findProgram } from '../../../scripts/lib/find-program.ts';

/** Who runs where. */
export interface Pinning {
  /** What the command of the application begins with; empty if it runs anywhere. */
  readonly prefix: readonly string[];
  /** For the reader of the figures. */
  readonly description: string;
}

/**
 * Gives the application the last of the cores that this process may use, and everything else the others: this process, which is
 * the load, the sink, and what it starts from now on, the embedded database too. By taskset, where there is one.
 */
export function pinApart(): Pinning {
  const taskset = findProgram('taskset');
  if (taskset === undefined) return notPinned('taskset is not installed');
  const run = (...args: readonly string[]) => spawnSync(taskset, args, { encoding: 'utf8' });
  const cores = parseCoreList(run('-cp', String(process.pid)).stdout);
  const appCore = cores.at(-1);
  if (appCore === undefined || cores.length < 2) return notPinned('there is one core for all');
  const others = cores.slice(0, -1).join(',');
  if (run('-acp', others, String(process.pid)).status !== 0) return notPinned('taskset was refused');
  return {
    prefix: [taskset, '-c', String(appCore)],
    description: `application on core ${appCore}; load, sink and embedded database on core ${others}`,
  };
}

function notPinned(why: string): Pinning {
  return { prefix: [], description: `nothing is pinned to a core: ${why}` };
}

/** `pid 7's current affinity list: 0-2,5` → 0, 1, 2, 5. */
export function parseCoreList(output: string): readonly number[] {
  const list = /:\s*([\d,-]+)\s*$/.exec(output)?.[1] ?? '';
  return list.split(',').flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    return part === '' ? [] : Array.from({ length: last - first + 1 }, (_, n) => first + n);
  });
}
