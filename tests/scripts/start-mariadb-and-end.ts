/**
 * Starts a MariaDB, says what it started as one JSON line, and ends in the way that its argument names:
 * stop | return | wait (for a signal). All but `stop` leave the tidying up to the end of the process.
 */
import { globSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMariadb } from '../../scripts/mariadb.ts';

const how = process.argv[2];
const mariadb = await startMariadb({ url: process.env['SERVER_URL'] });
const [pidFile] = globSync(join(tmpdir(), 'slowpath-mariadb-*/pid'));
const serverPid = pidFile === undefined ? 0 : Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
process.stdout.write(`${JSON.stringify({ url: mariadb.url, ownServer: mariadb.ownServer, serverPid })}\n`);

if (how === 'stop') process.stdin.once('data', () => void mariadb.stop().then(() => process.stdin.destroy()));
if (how === 'wait') setInterval(() => undefined, 1000);
