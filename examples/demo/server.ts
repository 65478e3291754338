import { fastify, type FastifyInstance } from 'fastify';
import type { Pool } from 'pg';
import type { Endpoints } from './endpoints/endpoints.ts';
import { checkHealth } from './endpoints/health.ts';

/** The HTTP side of the service: routes, parameters and their defaults. */
export function buildServer(endpoints: Endpoints, db: Pool): FastifyInstance {
  const server = fastify({ forceCloseConnections: true });

  server.get('/api/meetings/list', () => endpoints.listMeetings(db));

  server.get<{ Querystring: { userId?: string } }>('/api/user/usage', (request) =>
    endpoints.userUsage(db, Number(request.query.userId ?? 1)),
  );

  server.post<{ Body: { question: string } }>(
    '/api/rag/chat',
    { schema: { body: { type: 'object', required: ['question'], properties: { question: { type: 'string' } } } } },
    (request) => endpoints.chat(db, request.body.question),
  );

  server.put<{ Querystring: { userId: string }; Body: { plan: string } }>(
    '/api/user/plan',
    { schema: { body: { type: 'object', required: ['plan'], properties: { plan: { type: 'string' } } } } },
    async (request) => {
      await endpoints.changePlan(db, Number(request.query.userId), request.body.plan);
      return { plan: request.body.plan };
    },
  );

  server.get('/api/health', () => checkHealth(db));

  return server;
}
