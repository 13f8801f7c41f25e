import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { request } from 'undici';
import { z } from 'zod';
import type { Logger } from '../../subgraphs/shared/log';
import type { GatewayEnv } from '../env';
import { dependencyUnavailable } from '../requestErrors';

/** Clerk's public keys, which verify its tokens. */
export interface ClerkKeys {
  /**
   * The key with this id; null when Clerk has no such key, or has revoked it.
   * @throws GraphQLError SERVICE_UNAVAILABLE when that is unknown, because Clerk is down and the last key set is too old.
   */
  find(kid: string): Promise<JsonWebKey | null>;
}

/** The cache's time to live: the longest delay of a key's revocation while Clerk is up. */
const CACHE_TTL_MS = 60_000;
/** Stale-if-error: how long the last key set is used while Clerk is down. */
const STALE_IF_ERROR_MS = 60 * 60 * 1000;
/** The shortest time between two requests to Clerk, however many unknown key ids tokens name, and while Clerk is down. */
const COOL_DOWN_MS = 10_000;
const TIMEOUT_MS = 3_000;
const MAX_ANSWER_BYTES = 100_000;

const rsaKey = z.object({ kid: z.string().min(1), kty: z.literal('RSA'), n: z.string().min(1), e: z.string().min(1) });
const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/** Reads keys as configured: one key, or the key set (JWKS) at Clerk's address. */
export function clerkKeys(env: Pick<GatewayEnv, 'CLERK_JWT_KEY' | 'CLERK_JWKS_URL'>, log: Logger): ClerkKeys {
  if (env.CLERK_JWKS_URL !== undefined) return remoteKeys(env.CLERK_JWKS_URL, log);
  if (env.CLERK_JWT_KEY !== undefined) return oneKey(env.CLERK_JWT_KEY);
  throw new Error('The environment has neither a key nor the address of keys');
}

/** Uses one key, whatever key id a token names. */
function oneKey(pem: string): ClerkKeys {
  // As a JWK, because Clerk's library extracts the modulus from a PEM's text, which works for 2048 bits and exponent 65537 only.
  const key = createPublicKey(pem).export({ format: 'jwk' });
  return { find: async () => key };
}

function remoteKeys(url: string, log: Logger): ClerkKeys {
  let keys = new Map<string, JsonWebKey>();
  /** By the monotonic clock. */
  let answeredAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let inFlight: Promise<void> | null = null;

  async function refresh(): Promise<void> {
    triedAt = performance.now();
    try {
      keys = await fetchKeys(url);
      answeredAt = performance.now();
    } catch (error) {
      log.warn({ err: error }, "Clerk's key set not fetched; the last one is used for a while");
    }
  }

  function refreshOnce(): Promise<void> {
    inFlight ??= refresh().finally(() => {
      inFlight = null;
    });
    return inFlight;
  }

  return {
    async find(kid) {
      const isFresh = () => performance.now() - answeredAt < CACHE_TTL_MS;
      const mayRefresh = () => inFlight !== null || performance.now() - triedAt >= COOL_DOWN_MS;
      if ((!isFresh() || !keys.has(kid)) && mayRefresh()) await refreshOnce();

      const isUsable = performance.now() - answeredAt < STALE_IF_ERROR_MS;
      const key = isUsable ? (keys.get(kid) ?? null) : null;
      // It may be a new key, published since the last key set.
      if (key === null && !isFresh()) throw dependencyUnavailable("Clerk's key set is not available");
      return key;
    },
  };
}

/** Fetches the key set. @throws Error for an answer that is no key set, has no RSA key, or is too slow or too long. */
async function fetchKeys(url: string): Promise<Map<string, JsonWebKey>> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const answer = await request(url, { signal, headers: { accept: 'application/json' } });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('The key set is too long');
    chunks.push(chunk);
  }
  if (answer.statusCode !== 200) throw new Error(`The key set's address answered ${answer.statusCode}`);
  const { keys } = jwks.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
  const rsa = keys.filter(({ kty }) => kty === 'RSA').map((key) => rsaKey.parse(key));
  if (rsa.length === 0) throw new Error('The key set has no RSA key');
  return new Map(rsa.map((key) => [key.kid, key]));
}
