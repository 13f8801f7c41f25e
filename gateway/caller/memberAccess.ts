import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { serviceCaller } from '../../subgraphs/shared/caller';
import type { Logger } from '../../subgraphs/shared/log';
import { PERMISSIONS, type Permission } from '../../subgraphs/shared/permissions';
import { type SubgraphClient, SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import type { Identity } from '../identity/auth';

/** What the tenant subgraph knows of someone's membership in a store. */
export interface MemberAccess {
  isMember: boolean;
  isAdmin: boolean;
  permissions: Permission[];
  /** Milliseconds since the epoch, by Clerk's clock. */
  changedAt: number;
}

/** Null when nothing is known of it: then a token's word stands. */
export type FindMemberAccess = (tenantId: string, userId: string, requestId: string) => Promise<MemberAccess | null>;

export interface MemberAccessLookup {
  find: FindMemberAccess;
  /** Asks anew at the next request: memberships have changed. */
  forget(): void;
}

/** Someone who was removed, or has a lesser role, has lost what the token says after this at the latest. */
const REMEMBERED_MS = 4_000;
const REMEMBERED_MEMBERS = 20_000;

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

interface Remembered {
  access: MemberAccess | null;
  generation: number;
}

/**
 * Asks the tenant subgraph, as a service, once in a few seconds for each member who is at work. While it does not answer,
 * what it said last holds: that someone was removed is not undone by its absence.
 */
export function createMemberAccess(tenantSubgraph: SubgraphClient, log: Logger): MemberAccessLookup {
  let generation = 0;
  const remembered = new LRUCache<string, Remembered, { tenantId: string; userId: string; requestId: string }>({
    max: REMEMBERED_MEMBERS,
    ttl: REMEMBERED_MS,
    perf: { now: () => performance.now() },
    ignoreFetchAbort: true,
    fetchMethod: async (_key, last, { context: { tenantId, userId, requestId } }) => {
      const asked = generation;
      try {
        return { access: await ask(tenantId, userId, requestId), generation: asked };
      } catch (error) {
        if (!last || !(error instanceof SubgraphUnavailable)) throw error;
        log.warn({ requestId, reason: error.reason }, "member's access not known: what was known last holds");
        return last;
      }
    },
  });

  async function ask(tenantId: string, userId: string, requestId: string): Promise<MemberAccess | null> {
    const { data, errors } = await tenantSubgraph.execute(
      { query: MEMBER_ACCESS, variables: { userId } },
      serviceCaller(tenantId, requestId),
    );
    const found = answer.safeParse(data);
    if (errors || !found.success) throw new SubgraphUnavailable('tenant', 'member access: unexpected answer');
    const { access } = found.data;
    return access && { ...access, permissions: PERMISSIONS.filter((it) => access.permissions.includes(it)) };
  }

  async function find(tenantId: string, userId: string, requestId: string): Promise<MemberAccess | null> {
    const key = `${tenantId} ${userId}`;
    const known = remembered.peek(key, { allowStale: true });
    try {
      const forceRefresh = known !== undefined && known.generation !== generation;
      const context = { tenantId, userId, requestId };
      return (await remembered.forceFetch(key, { context, forceRefresh })).access;
    } catch (error) {
      if (!(error instanceof SubgraphUnavailable)) throw error;
      // The absence of one service must not keep every store's staff from work. A session token lives for a minute.
      log.warn({ requestId, reason: error.reason }, "member's access not known: the token's word stands");
      return null;
    }
  }

  return {
    find,
    forget: () => {
      generation += 1;
    },
  };
}

/**
 * `identity` with what it may do in its organization as of now: a token that is older than the last change of the membership
 * says what was before. One that is younger was issued knowing of the change, or of a later one.
 */
export function withCurrentAccess(identity: Identity, access: MemberAccess | null): Identity {
  const { organization } = identity;
  if (!organization || !access || identity.issuedAt * 1000 > access.changedAt) return identity;
  if (!access.isMember) return { ...identity, organization: null };
  const { isAdmin, permissions } = access;
  return { ...identity, organization: { ...organization, role: isAdmin ? 'ADMIN' : 'MEMBER', permissions } };
}
