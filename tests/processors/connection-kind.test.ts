import { expect, it } from 'vitest';
import { requestOf } from '../../request/request-on-span.ts';
import { TracedApp } from './traced-app.ts';

it('a request is an upgrade by its status 101, a stream if somebody saw it, and a request otherwise', () => {
  const app = new TracedApp();
  const kinds = [
    { status: 200, stream: false },
    { status: 200, stream: true },
    { status: 101, stream: false },
  ].map(({ status, stream }) => {
    const root = app.request();
    root.setAttribute('http.response.status_code', status);
    const request = requestOf(root);
    if (request === undefined) throw new Error('The span has no request.');
    request.stream = stream;
    app.end(root);
    return app.records.at(-1)?.connection;
  });
  expect(kinds).toEqual(['request', 'stream', 'upgrade']);
});
