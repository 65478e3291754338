import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Waits until the process has ended; a process that never started has. */
export async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  await once(child, 'exit');
}

/** What the server of this folder has logged so far. */
export function readLog(folder: string): string {
  const path = join(folder, 'log');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** The last lines of that log, as they stand below the first line of an error. */
export function lastLogLines(folder: string): string {
  return readLog(folder).trim().split('\n').slice(-5).join('\n  ');
}
