import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { serviceCaller } from '../../subgraphs/shared/caller';
import type { Logger } from '../../subgraphs/shared/log';
import { PERMISSIONS, type Permission } from '../../subgraphs/shared/permissions';
import { type SubgraphClient, SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import type { Identity } from '../identity/auth';

/** A person's current membership in a store, which the tenant subgraph knows from Clerk's webhooks. */
export interface MemberAccess {
  isMember: boolean;
  isAdmin: boolean;
  permissions: Permission[];
  /** Milliseconds since the epoch, by Clerk's clock. */
  changedAt: number;
}

/** Null when the membership is unknown; then the token's claims are used. */
export type FindMemberAccess = (tenantId: string, userId: string, requestId: string) => Promise<MemberAccess | null>;

export interface MemberAccessLookup {
  find: FindMemberAccess;
  /** Invalidates the cache after memberships have changed: each is fetched again when next needed. */
  invalidate(): void;
}

/** The cache's time to live: the longest delay of a removal or a lesser role whose event was lost. */
const CACHE_TTL_MS = 4_000;
const MAX_CACHED_MEMBERS = 20_000;

const MEMBER_ACCESS =
  'query MemberAccess($userId: ID!) { access: memberAccess(userId: $userId) { isMember isAdmin permissions changedAt } }';

const answer = z.object({
  access: z
    .object({
      isMember: z.boolean(),
      isAdmin: z.boolean(),
      permissions: z.array(z.string()),
      changedAt: z.string().transform((time) => Date.parse(time)),
    })
    .nullable(),
});

interface CachedAccess {
  access: MemberAccess | null;
  generation: number;
}

/**
 * Looks memberships up in the tenant subgraph, as a service, and caches them for a few seconds. While it is down, the last answer is
 * used (stale-if-error): a removed member does not get in again because of an outage.
 */
export function createMemberAccess(tenantSubgraph: SubgraphClient, log: Logger): MemberAccessLookup {
  let generation = 0;
  const cache = new LRUCache<string, CachedAccess, { tenantId: string; userId: string; requestId: string }>({
    max: MAX_CACHED_MEMBERS,
    ttl: CACHE_TTL_MS,
    perf: { now: () => performance.now() },
    ignoreFetchAbort: true,
    fetchMethod: async (_key, last, { context: { tenantId, userId, requestId } }) => {
      const asked = generation;
      try {
        return { access: await ask(tenantId, userId, requestId), generation: asked };
      } catch (error) {
        if (!last || !(error instanceof SubgraphUnavailable)) throw error;
        log.warn({ requestId, reason: error.reason }, "member's access not fetched; the last answer is used");
        return last;
      }
    },
  });

  async function ask(tenantId: string, userId: string, requestId: string): Promise<MemberAccess | null> {
    const { data, errors } = await tenantSubgraph.execute(
      { query: MEMBER_ACCESS, variables: { userId }, isQuery: true },
      serviceCaller(tenantId, requestId),
    );
    const found = answer.safeParse(data);
    if (errors || !found.success) throw new SubgraphUnavailable('tenant', 'member access: unexpected answer');
    const { access } = found.data;
    return access && { ...access, permissions: PERMISSIONS.filter((it) => access.permissions.includes(it)) };
  }

  async function find(tenantId: string, userId: string, requestId: string): Promise<MemberAccess | null> {
    const key = `${tenantId} ${userId}`;
    const known = cache.peek(key, { allowStale: true });
    try {
      const forceRefresh = known !== undefined && known.generation !== generation;
      const context = { tenantId, userId, requestId };
      return (await cache.forceFetch(key, { context, forceRefresh })).access;
    } catch (error) {
      if (!(error instanceof SubgraphUnavailable)) throw error;
      // An outage of one service must not lock out every store's staff, and a session token lives for a minute only.
      log.warn({ requestId, reason: error.reason }, "member's access not fetched; the token's claims are used");
      return null;
    }
  }

  return {
    find,
    invalidate: () => {
      generation += 1;
    },
  };
}

/**
 * Returns `identity` with its current role and permissions. A token that is older than the last change of the membership is outdated; a
 * newer one contains that change already.
 */
export function withCurrentAccess(identity: Identity, access: MemberAccess | null): Identity {
  const { organization } = identity;
  if (!organization || !access || identity.issuedAt * 1000 > access.changedAt) return identity;
  if (!access.isMember) return { ...identity, organization: null };
  const { isAdmin, permissions } = access;
  return { ...identity, organization: { ...organization, role: isAdmin ? 'ADMIN' : 'MEMBER', permissions } };
}
