import type { FastifyInstance } from 'fastify';

/** Methods and headers. */
const ALLOWED = ['GET, POST', 'authorization, content-type, x-store-domain, x-request-id, apollo-require-preflight'];
/** A file is sent to an address that is signed for it: nothing else is needed. */
const UPLOADS = '/media/uploads/';
const FOR_UPLOADS = ['PUT', 'content-type'];
const EXPOSED_HEADERS = 'x-request-id, retry-after';
const PREFLIGHT_SECONDS = 600;

/**
 * Lets browsers use the gateway from these origins, as they are and no others. There are no cookies here, so none is ever
 * allowed to go along.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  const allowed = new Set(origins);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !allowed.has(origin)) return;
    reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', EXPOSED_HEADERS);
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return;
    const [methods, headers] = request.url.startsWith(UPLOADS) ? FOR_UPLOADS : ALLOWED;
    return reply
      .code(204)
      .header('access-control-allow-methods', methods)
      .header('access-control-allow-headers', headers)
      .header('access-control-max-age', PREFLIGHT_SECONDS)
      .send();
  });
}
