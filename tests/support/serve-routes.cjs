const { createServer } = require('node:http');

/**
 * Serves the routes over plain node:http, each with the number in `?id=`; prints `listening <port>`, which the tests wait for.
 * `wait` is a statement that takes a moment: as many at once as the pool has connections open all of them first. Until then a
 * Promise.all runs on the one that is there, and what a library asks of each new connection is a part of somebody's request.
 */
exports.serveRoutes = async (wait, routes) => {
  await Promise.all(exports.range(4).map(() => wait()));
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    const route = routes[pathname];
    try {
      const answer = route === undefined ? undefined : await route(Number(searchParams.get('id') ?? 1));
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    } catch (error) {
      console.error(error);
      response.writeHead(500).end();
    }
  });
  server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
};

/** `count` rows of one chunk of an import. */
exports.chunkOf = (batch, chunk, count) =>
  Array.from({ length: count }, (_, index) => ({ batch, position: chunk * count + index, label: `row ${index}` }));

/** [1, …, count] */
exports.range = (count) => Array.from({ length: count }, (_, index) => index + 1);
