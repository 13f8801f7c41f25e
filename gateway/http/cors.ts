import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isRest } from './problem';

/** A file is sent to a signed address by PUT; beside the REST API, everything else is read, or posted. */
const UPLOADS = '/media/uploads/';
const METHODS = { api: ['GET', 'POST'], rest: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], upload: ['PUT'] };
/** What a page's script may read of an answer, beside its body. */
const EXPOSED = [
  'x-request-id',
  'retry-after',
  'www-authenticate',
  'allow',
  'content-disposition',
  'etag',
  'location',
  'ratelimit',
  'ratelimit-policy',
];
/** Two hours, the longest that Chromium keeps the answer to a preflight. */
const MAX_AGE_SECONDS = 7_200;

interface AllowedOrigins {
  /** Compared character by character. None: any page may ask. */
  origins: readonly string[];
  /** Whether the page is a store's own. Asked for origins that are not in the list. */
  isStores(origin: string, request: FastifyRequest): Promise<boolean>;
}

/**
 * Lets pages in browsers use the gateway: of any origin, unless there is a list. That gives nothing away: credentials are never allowed,
 * there are no cookies, and a token is a header that only the page itself can add. So any header that a page asks for is allowed, too,
 * as clients, tracing and monitoring libraries add their own.
 */
export async function allowOrigins(app: FastifyInstance, { origins, isStores }: AllowedOrigins): Promise<void> {
  const listed = new Set(origins);

  async function allowed(request: FastifyRequest): Promise<string | false> {
    const { origin } = request.headers;
    if (listed.size === 0) return '*';
    if (origin === undefined) return false;
    return listed.has(origin) || (await isStores(origin, request)) ? origin : false;
  }

  await app.register(cors, {
    delegator: async (request: FastifyRequest): Promise<FastifyCorsOptions> => ({
      // False ends it: a page of another origin is told nothing, not even which methods there are.
      origin: await allowed(request),
      methods: methodsOf(request.url),
      preflight: request.headers.origin !== undefined && request.headers['access-control-request-method'] !== undefined,
      exposedHeaders: EXPOSED,
      maxAge: MAX_AGE_SECONDS,
    }),
  });
}

function methodsOf(url: string): string[] {
  if (url.startsWith(UPLOADS)) return METHODS.upload;
  return isRest(url) ? METHODS.rest : METHODS.api;
}
