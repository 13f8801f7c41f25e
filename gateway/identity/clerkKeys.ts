import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { request } from 'undici';
import { z } from 'zod';
import type { Logger } from '../../subgraphs/shared/log';
import type { GatewayEnv } from '../env';
import { dependencyUnavailable } from '../requestErrors';

/** The public keys by which Clerk's tokens verify. */
export interface ClerkKeys {
  /**
   * The key that a token names by its `kid`; null when Clerk has no such key (any more).
   * @throws GraphQLError SERVICE_UNAVAILABLE when that can't be said: Clerk does not answer, and what it said is too old.
   */
  find(kid: string): Promise<JsonWebKey | null>;
}

/** A key that Clerk has taken back is refused after this at the latest, as long as Clerk answers. */
const REMEMBERED_MS = 60_000;
/** While it does not, what it last said holds for so long. */
const HELD_WITHOUT_ANSWER_MS = 60 * 60 * 1000;
/** However many unknown keys tokens name, and however long Clerk is away, it is asked no more often than this. */
const COOL_DOWN_MS = 10_000;
const TIMEOUT_MS = 3_000;
const MAX_ANSWER_BYTES = 100_000;

const rsaKey = z.object({ kid: z.string().min(1), kty: z.literal('RSA'), n: z.string().min(1), e: z.string().min(1) });
const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/** From the environment: one key that is given there, or those at Clerk's address. */
export function clerkKeys(env: Pick<GatewayEnv, 'CLERK_JWT_KEY' | 'CLERK_JWKS_URL'>, log: Logger): ClerkKeys {
  if (env.CLERK_JWKS_URL !== undefined) return remoteKeys(env.CLERK_JWKS_URL, log);
  if (env.CLERK_JWT_KEY !== undefined) return oneKey(env.CLERK_JWT_KEY);
  throw new Error('The environment has neither a key nor the address of keys');
}

/** The key is ours, and not the one that a token names. */
function oneKey(pem: string): ClerkKeys {
  // As a JWK: from a PEM Clerk cuts the modulus out of the text, which works for 2048 bits and exponent 65537 only.
  const key = createPublicKey(pem).export({ format: 'jwk' });
  return { find: async () => key };
}

function remoteKeys(url: string, log: Logger): ClerkKeys {
  let keys = new Map<string, JsonWebKey>();
  /** By the monotonic clock. */
  let answeredAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> | null = null;

  async function ask(): Promise<void> {
    triedAt = performance.now();
    try {
      keys = await fetchKeys(url);
      answeredAt = performance.now();
    } catch (error) {
      log.warn({ err: error }, "Clerk's keys not fetched; those that are known hold for a while");
    }
  }

  function askOnce(): Promise<void> {
    underWay ??= ask().finally(() => {
      underWay = null;
    });
    return underWay;
  }

  return {
    async find(kid) {
      const isFresh = () => performance.now() - answeredAt < REMEMBERED_MS;
      const mayAsk = () => underWay !== null || performance.now() - triedAt >= COOL_DOWN_MS;
      if ((!isFresh() || !keys.has(kid)) && mayAsk()) await askOnce();

      const isHeld = performance.now() - answeredAt < HELD_WITHOUT_ANSWER_MS;
      const key = isHeld ? (keys.get(kid) ?? null) : null;
      // An unknown key may be a new one, of which nobody could tell us.
      if (key === null && !isFresh()) throw dependencyUnavailable("Clerk's keys are not known");
      return key;
    },
  };
}

/** @throws Error for whatever is no key set: a page, an empty set, a slow or endless answer. */
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
