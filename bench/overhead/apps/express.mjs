import express from 'express';
import { answerTo } from './control.mjs';
import { meetingsOf, meetingsWithHosts, user } from './data.mjs';

const app = express();
app.use(express.json());

const users = express.Router();
users.get('/:id', async (request, response) => {
  response.json(await user(Number(request.params.id)));
});
users.get('/:id/meetings', async (request, response) => {
  response.json(await meetingsOf(Number(request.params.id)));
});

app.get('/healthz', (_request, response) => {
  response.json({ ok: true });
});
app.use('/users', users);
app.get('/meetings', async (_request, response) => {
  response.json(await meetingsWithHosts());
});

const server = app.listen(0, '127.0.0.1', () => answerTo(server.address().port));
