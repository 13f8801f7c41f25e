import type { FastifyInstance } from 'fastify';

/** Far above normal use: a browser behind two proxies sends about forty. */
const MAX_HEADERS = 100;

/**
 * Answers 431 to a request with too many headers. Node itself refuses malformed headers, and more than 16 KB of them, but silently drops
 * any after the 2,000th.
 */
export function limitHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw }) => {
    if (raw.rawHeaders.length / 2 > MAX_HEADERS)
      throw Object.assign(new Error('Too many headers'), { statusCode: 431 });
  });
}
