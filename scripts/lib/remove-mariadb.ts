import { existsSync, rmSync } from 'node:fs';

const removeAttempts = 40;
const pauseMs = 50;

/**
 * Ends the MariaDB server with this process id, if one was started, and removes its folder. Synchronous, so that it can run
 * while a process exits. Nothing needs saving, so the server is not asked to.
 */
export function removeMariadb(folder: string, serverPid: number | undefined): void {
  if (serverPid !== undefined) {
    try {
      process.kill(serverPid, 'SIGKILL');
    } catch {
      // ESRCH: it has ended already, which is what the signal was for.
    }
  }
  for (let attempt = 1; existsSync(folder); attempt++) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      // A server that is just ending may still write into the folder.
      if (attempt === removeAttempts) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
}
