import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

const FOR_API: FastifyCorsOptions = {
  methods: ['GET', 'POST'],
  allowedHeaders: ['authorization', 'content-type', 'x-store-domain', 'x-request-id', 'apollo-require-preflight'],
};
/** Uploads need only their signed address, and no headers. */
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
        // False: another origin gets no CORS headers at all, not even the allowed methods.
        origin: origin !== undefined && allowed.has(origin) ? origin : false,
        preflight: headers['access-control-request-method'] !== undefined,
        exposedHeaders: ['x-request-id', 'retry-after'],
        maxAge: 600,
      });
    },
  });
}
