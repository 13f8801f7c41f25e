import type { FastifyInstance } from 'fastify';

/** A browser behind two proxies sends some forty. */
const MAX_HEADERS = 100;

/**
 * Answers 431 to a request with more headers than any honest one has. Node itself refuses more than 16 KB of them, and what
 * is malformed; but of many small ones it would pass over those behind the 2,000th, whatever they say.
 */
export function limitHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw }) => {
    if (raw.rawHeaders.length / 2 > MAX_HEADERS)
      throw Object.assign(new Error('Too many headers'), { statusCode: 431 });
  });
}
