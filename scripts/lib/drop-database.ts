/** Drops the database that standard input names as `{ "serverUrl": "…", "name": "…" }`. Started by own-database.ts at exit. */
import { text } from 'node:stream/consumers';
import { dropDatabase } from './own-database.ts';

const { serverUrl, name }: { serverUrl: string; name: string } = JSON.parse(await text(process.stdin));
await dropDatabase(serverUrl, name);
