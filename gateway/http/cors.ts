import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

const FOR_API: FastifyCorsOptions = {
  methods: ['GET', 'POST'],
  allowedHeaders: ['authorization', 'content-type', 'x-store-domain', 'x-request-id', 'apollo-require-preflight'],
};
/** A file is sent to a signed address: nothing else is needed. */
const UPLOADS = '/media/uploads/';
const FOR_UPLOADS: FastifyCorsOptions = { methods: ['PUT'], allowedHeaders: ['content-type'] };

/**
 * Lets browsers use the gateway from these origins, compared character by character. Credentials are never allowed: the gateway has no
 * cookies.
 */
export async function allowOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  const allowed = new Set(origins);
  await app.register(cors, {
    delegator: ({ url, headers }, callback) => {
      const { origin } = headers;
      callback(null, {
        ...(url.startsWith(UPLOADS) ? FOR_UPLOADS : FOR_API),
        // False ends it: another origin is told nothing, not even which methods there are.
        origin: origin !== undefined && allowed.has(origin) ? origin : false,
        preflight: headers['access-control-request-method'] !== undefined,
        exposedHeaders: ['x-request-id', 'retry-after'],
        maxAge: 600,
      });
    },
  });
}
