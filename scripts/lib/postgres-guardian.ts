/**
 * The last resort of an embedded PostgreSQL: a process that outlives its parent for a moment and tidies up after it.
 * Its standard input is a pipe from the parent, which the system closes however the parent ends, SIGKILL included.
 * Usage: node postgres-guardian.ts <folder of the cluster>
 */
import { removeCluster } from './remove-cluster.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('postgres-guardian.ts needs the folder of the cluster as its argument.');

process.stdin.resume();
process.stdin.on('close', () => removeCluster(folder));
