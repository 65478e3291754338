import { fastify } from 'fastify';
import { answerTo } from './control.mjs';
import { meetingsOf, meetingsWithHosts, user } from './data.mjs';

const app = fastify();

app.get('/healthz', async () => ({ ok: true }));
app.register(
  async (users) => {
    users.get('/:id', (request) => user(Number(request.params.id)));
    users.get('/:id/meetings', (request) => meetingsOf(Number(request.params.id)));
  },
  { prefix: '/users' },
);
app.get('/meetings', () => meetingsWithHosts());

await app.listen({ host: '127.0.0.1', port: 0 });
answerTo(app.server.address().port);
