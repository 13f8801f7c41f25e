import { createHash } from 'node:crypto';
import { decodeJwt, verifyJwt } from '@clerk/backend/jwt';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { type Permission, permissionsOf } from '../../subgraphs/shared/permissions';
import type { GatewayEnv } from '../env';
import { invalidToken } from '../requestErrors';
import type { ClerkKeys } from './clerkKeys';
import { permissionsNamedBy } from './clerkPermissions';

/** Who is signed in: a person, by the claims of a verified token, or an app, by its own. */
export interface Identity {
  /** Clerk's, or the id of the app's token. */
  userId: string;
  /** The person who acts as `userId` by Clerk's user impersonation; null without impersonation. */
  impersonatorId: string | null;
  sessionId: string | null;
  /** The organization that is active in this session, and the person's role in it. */
  organization: {
    id: string;
    slug: string | null;
    role: 'ADMIN' | 'MEMBER' | 'APP';
    permissions: readonly Permission[];
  } | null;
  /** Seconds since the epoch. */
  issuedAt: number;
  expiresAt: number;
  /**
   * The origin that the token was issued to, where the configuration does not name it: the token counts only for the store whose own
   * address or verified domain that is. Null where it counts for any store.
   */
  onlyForStoreAt: string | null;
}

/**
 * The identity that a request's headers prove (`headersDistinct` of a request: each header with all its values), or
 * null for a visitor: no token, or a session that Clerk calls pending.
 * @throws GraphQLError UNAUTHENTICATED for an invalid token; the message says nothing about the token.
 */
export type Authenticate = (headers: NodeJS.Dict<string[]>) => Promise<Identity | null>;

export type AuthEnv = Pick<
  GatewayEnv,
  'CLERK_ISSUERS' | 'CLERK_AUTHORIZED_PARTIES' | 'CLERK_ALLOW_MISSING_AZP' | 'CLERK_AUDIENCE'
>;

const CLOCK_SKEW_SECONDS = 5;
const MAX_LIFETIME_SECONDS = 24 * 60 * 60;
const MAX_CACHED_TOKENS = 10_000;
/** The `cat` header of Clerk's session tokens. It must be checked, because the same key also signs machine tokens. */
const SESSION_TOKEN_CATEGORY = 'cl_B7d4PD111AAA';

const organizationId = z.string().regex(/^org_[A-Za-z0-9_-]{1,100}$/);

/** The claims that Clerk's library does not check, in both versions of its session token. */
const sessionClaims = z.object({
  sub: z.string().regex(/^user_[A-Za-z0-9_-]{1,100}$/),
  sid: z.string().nullish(),
  // https://clerk.com/docs/guides/users/impersonation
  act: z.object({ sub: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/) }).nullish(),
  iss: z.string(),
  azp: z.string().nullish(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  iat: z.number().int(),
  exp: z.number().int(),
  sts: z.string().nullish(),
  org_id: organizationId.nullish(),
  org_slug: z.string().nullish(),
  org_role: z.string().nullish(),
  org_permissions: z.array(z.string()).nullish(),
  fea: z.string().nullish(),
  o: z
    .object({
      id: organizationId,
      slg: z.string().nullish(),
      rol: z.string().nullish(),
      per: z.string().nullish(),
      fpm: z.string().nullish(),
    })
    .optional(),
});
type SessionClaims = z.output<typeof sessionClaims>;

/** A verified token, and the id of its key. */
interface Verified {
  identity: Identity | null;
  expiresAt: number;
  kid: string;
}

/** Verifies tokens with Clerk's public keys, and caches each until it expires or its key is revoked. */
export function createAuthenticator(env: AuthEnv, keys: ClerkKeys): Authenticate {
  const cache = new LRUCache<string, Verified>({ max: MAX_CACHED_TOKENS });

  async function verify(token: string): Promise<Verified> {
    const kid = keyIdOf(token);
    const key = await keys.find(kid);
    if (key === null) throw invalidToken('signed with an unknown key');
    const payload = await verifyJwt(token, { key, clockSkewInMs: CLOCK_SKEW_SECONDS * 1000 }).catch(
      (error: { reason?: unknown }) => {
        // One of Clerk's TokenVerificationErrorReason. Its message may quote the token.
        throw invalidToken(typeof error.reason === 'string' ? error.reason : 'not readable');
      },
    );
    const { data: claims, error } = sessionClaims.safeParse(payload);
    if (error) throw invalidToken(`claims: ${error.issues.map((issue) => issue.path.join('.')).join(', ')}`);
    const fault = headerFault(token) ?? claimsFault(claims, env);
    if (fault) throw invalidToken(fault);
    return { identity: identityOf(claims, env), expiresAt: claims.exp, kid };
  }

  return async (headers) => {
    const token = bearerToken(headers.authorization ?? []);
    if (token === null) return null;
    const hash = createHash('sha256').update(token).digest('base64');
    const known = cache.get(hash);
    if (known === undefined) {
      const verified = await verify(token);
      cache.set(hash, verified);
      return verified.identity;
    }
    const isOver = known.expiresAt + CLOCK_SKEW_SECONDS <= Date.now() / 1000;
    if (isOver || (await keys.find(known.kid)) === null) {
      cache.delete(hash);
      throw invalidToken(isOver ? 'expired' : 'its key was revoked');
    }
    return known.identity;
  };
}

function keyIdOf(token: string): string {
  try {
    const { kid } = decodeJwt(token).header as { kid?: unknown };
    return typeof kid === 'string' ? kid : '';
  } catch {
    // The error's own message quotes the token.
    throw invalidToken('not a JWT');
  }
}

function bearerToken(authorization: string[]): string | null {
  const [header, ...others] = authorization;
  if (header === undefined) return null;
  const token = /^Bearer +([\w.-]+)$/i.exec(header)?.[1];
  if (others.length > 0 || token === undefined) throw invalidToken('not one Bearer token');
  return token;
}

function headerFault(token: string): string | null {
  const header: { alg?: unknown; cat?: unknown; crit?: unknown } = decodeJwt(token).header;
  if (header.alg !== 'RS256') return 'not signed with RS256';
  // RFC 7515: a token is invalid when `crit` names an extension that is not understood. Clerk's tokens have none.
  if (header.crit !== undefined) return 'names extensions';
  if (header.cat !== undefined && header.cat !== SESSION_TOKEN_CATEGORY) return 'not a session token';
  return null;
}

function claimsFault(claims: SessionClaims, env: AuthEnv): string | null {
  if (!env.CLERK_ISSUERS.includes(claims.iss)) return 'unknown issuer';
  if (!claims.azp && !anyParty(env) && !env.CLERK_ALLOW_MISSING_AZP) return MISSING_PARTY;
  if (claims.exp - claims.iat > MAX_LIFETIME_SECONDS) return 'lives too long';
  if (claims.o && claims.org_id && claims.o.id !== claims.org_id) return 'names two organizations';
  const audience = env.CLERK_AUDIENCE;
  if (audience !== undefined && ![claims.aud].flat().includes(audience)) return 'meant for another audience';
  return null;
}

const MISSING_PARTY = 'names no authorized party (azp), and CLERK_ALLOW_MISSING_AZP is not set';

/** Outside of production there may be no list. */
const anyParty = ({ CLERK_AUTHORIZED_PARTIES }: AuthEnv) => CLERK_AUTHORIZED_PARTIES.length === 0;

function identityOf(claims: SessionClaims, env: AuthEnv): Identity | null {
  if (claims.sts && claims.sts !== 'active') return null;
  const isListed = !claims.azp || anyParty(env) || env.CLERK_AUTHORIZED_PARTIES.includes(claims.azp);
  return {
    userId: claims.sub,
    impersonatorId: claims.act?.sub ?? null,
    sessionId: claims.sid ?? null,
    organization: organizationOf(claims),
    issuedAt: claims.iat,
    expiresAt: claims.exp,
    onlyForStoreAt: isListed ? null : (claims.azp ?? null),
  };
}

/** Version 2 of the token has `o`, version 1 `org_…`. An unknown role gets the fewest rights. */
function organizationOf(claims: SessionClaims): Identity['organization'] {
  const { o, org_id, org_slug, org_role } = claims;
  const id = o?.id ?? org_id;
  if (!id) return null;
  const role = o ? `org:${o.rol ?? ''}` : (org_role ?? '');
  return {
    id,
    slug: (o ? o.slg : org_slug) ?? null,
    role: role === 'org:admin' ? 'ADMIN' : 'MEMBER',
    permissions: permissionsOf(role, permissionsNamedBy(claims)),
  };
}
