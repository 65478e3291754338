/**
 * The entry of `node --import slowpath/register`. It imports nothing of ours until the runtime is known to be new enough,
 * awaits nothing (so that `--require` works too), and never throws: the application runs whatever becomes of us.
 */
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const MIN_NODE = [22, 15] as const;

function isNodeNewEnough(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
}

function sayNotStarted(why: string): void {
  try {
    writeSync(2, `slowpath: not started: ${why}. The application runs without it.\n`);
  } catch {
    // Standard error is closed: there is no place to say it.
  }
}

// Each worker would boot an SDK of its own; the main thread's is the process's.
if (isMainThread) {
  if (isNodeNewEnough()) {
    try {
      const { start } = createRequire(import.meta.url)('./start.js') as typeof import('./start.ts');
      start();
    } catch (thrown) {
      sayNotStarted(thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'an unknown error');
    }
  } else {
    sayNotStarted(`it needs Node ${MIN_NODE.join('.')} or newer and this is ${process.versions.node}`);
  }
}
