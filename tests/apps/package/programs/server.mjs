// Answers itself one request, and ends.
import { createServer, get } from 'node:http';

const server = createServer((request, response) => response.end('hello'));
server.listen(0, '127.0.0.1', () => {
  get({ host: '127.0.0.1', port: server.address().port, path: '/hello', agent: false }, (response) => {
    response.resume().on('end', () => server.close());
  });
});
