import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const shutdownMsMax = 8_000;
const pollMs = 10;
const removeAttempts = 40;

/**
 * Ends the PostgreSQL server whose data stands in `<folder>/data`, if one runs, and removes `folder`. Synchronous, so that
 * it can run while a process exits.
 *
 * SIGQUIT is PostgreSQL's "immediate shutdown": the server ends its own processes and frees its shared memory, which
 * SIGKILL would leave behind until the machine restarts. Nothing needs saving: the data is removed.
 */
export function removeCluster(folder: string): void {
  const pidFile = join(folder, 'data', 'postmaster.pid');
  const pid = existsSync(pidFile) ? Number.parseInt(readFileSync(pidFile, 'utf8'), 10) : Number.NaN;
  // Negative: a step of initdb, which takes a moment, and which would leave its shared memory behind if it were interrupted.
  // The step after it finds no files, and fails.
  if (pid < 0) waitUntilGone(pidFile);
  if (pid > 0) {
    // The server removes this file as its last deed. Its process id would not do: it lives on until its parent reads it.
    const ended = signal(pid, process.platform === 'win32' ? 'SIGKILL' : 'SIGQUIT') && waitUntilGone(pidFile);
    if (!ended) signal(pid, 'SIGKILL');
  }
  removeFolder(folder);
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    // ESRCH: it has ended already, which is what the signal was for.
    return false;
  }
}

function waitUntilGone(path: string): boolean {
  for (let waitedMs = 0; waitedMs < shutdownMsMax; waitedMs += pollMs) {
    if (!existsSync(path)) return true;
    sleepSync(pollMs);
  }
  return false;
}

/** A process that is just ending may still write into the folder, or remove from it, which makes a removal fail half-way. */
function removeFolder(folder: string): void {
  for (let attempt = 1; existsSync(folder); attempt++) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (attempt === removeAttempts) throw error;
      sleepSync(5 * pollMs);
    }
  }
}

function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
