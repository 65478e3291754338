/**
 * The last resort of the tests' own MariaDB: a process that outlives its parent for a moment and tidies up after it.
 * Its standard input is a pipe from the parent, which the system closes however the parent ends, SIGKILL included.
 * Usage: node mariadb-guardian.ts <folder> <process id of the server>
 */
import { removeMariadb } from './remove-mariadb.ts';

const [, , folder, serverPid] = process.argv;
if (folder === undefined) throw new Error('mariadb-guardian.ts needs the folder of the server as its argument.');

process.stdin.resume();
process.stdin.on('close', () => removeMariadb(folder, Number(serverPid) || undefined));
