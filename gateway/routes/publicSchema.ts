import type { FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { publicSdl } from '../execution/publicSdl';

interface PublicSchemaOptions {
  /** As clients see it; null before a supergraph is loaded. */
  schema: () => GraphQLSchema | null;
}

/** `GET /schema.graphql`: the API in SDL, for code generators and editors: that of the supergraph that is being served. */
export async function publicSchema(app: FastifyInstance, { schema }: PublicSchemaOptions): Promise<void> {
  const printed = new WeakMap<GraphQLSchema, string>();

  app.get('/schema.graphql', async (_request, reply) => {
    const current = schema();
    if (!current) return reply.code(503).send();
    const sdl = printed.get(current) ?? publicSdl(current);
    printed.set(current, sdl);
    return reply.type('application/graphql; charset=utf-8').header('cache-control', 'no-cache').send(sdl);
  });
}
