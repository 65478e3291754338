/**
 * An application whose libraries use signal-exit, in the versions that USE names, such as `3` or `4 3`. Further words:
 * `removed` takes the callbacks back, `stay` asks version 4 not to end the process,
 * `handler` adds a handler of the application's own, which closes.
 */
import http from 'node:http';
import { onExit as onExit4 } from 'signal-exit-4';
import onExit3 from 'signal-exit-3';

const words = (process.env.USE ?? '').split(' ');
const removals = words.flatMap((word) => {
  const callback = (code, signal) => {
    console.log(`signal-exit ${word}: ${code} ${signal}`);
    return words.includes('stay');
  };
  if (word === '3') return [onExit3(callback)];
  if (word === '4') return [onExit4(callback)];
  return [];
});
if (words.includes('removed')) for (const remove of removals) remove();

const server = http.createServer((request, response) => response.end('ok'));
if (words.includes('handler')) {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => {
      console.log('closing');
      server.close();
      server.closeAllConnections();
    });
  }
}
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
