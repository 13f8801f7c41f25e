import { LRUCache } from 'lru-cache';
import { Counter } from 'prom-client';
import { z } from 'zod';
import { serviceCaller } from '../../subgraphs/shared/caller';
import { processRegistry } from '../../subgraphs/shared/metrics/processMetrics';
import { type SubgraphClient, SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import type { Store, StoreReference } from './store';

/** Finds the store that `reference` names; null when there is none. @throws SubgraphUnavailable | SubgraphRefusedCaller */
export type FindStore = (reference: StoreReference, requestId: string) => Promise<Store | null>;

export interface StoreLookup {
  find: FindStore;
  /** Invalidates the cache after stores have changed: each is fetched again when next needed. While the tenant subgraph is down, cached stores are still used. */
  invalidate(): void;
}

/** The cache's time to live: the longest delay of a suspension or a rename whose event was lost. */
const CACHE_TTL_MS = 5_000;
/** Stale-if-error: how long cached stores are used while the tenant subgraph is down, so that stores do not go down with it. */
const STALE_IF_ERROR_MS = 5 * 60 * 1000;
const MAX_CACHED_STORES = 10_000;
/** The size of a separate negative cache, so that a flood of invented names can't evict stores. */
const MAX_CACHED_UNKNOWN = 10_000;

const STORE_BY_DOMAIN = 'query StoreByDomain($domain: String!) { store: tenantByDomain(domain: $domain) { ...it } }';
const STORE_OF_ORGANIZATION = 'query StoreOfOrganization { store: currentTenant { ...it } }';
const STORE = 'fragment it on Tenant { id slug status limits { requestCostPerMinute } }';

const answer = z.object({
  store: z
    .object({
      id: z.string().min(1),
      slug: z.string(),
      status: z.string(),
      limits: z.object({ requestCostPerMinute: z.number().int() }),
    })
    .nullable(),
});

const lookUps = new Counter({
  name: 'store_lookups_total',
  help: 'Look-ups of stores, by outcome: hit (cached), miss (asked for), stale (asked for in vain, and taken from the cache)',
  labelNames: ['outcome'],
  registers: [processRegistry],
});

interface CachedStore {
  store: Store;
  /** When the tenant subgraph answered, and when it was last asked; by the monotonic clock. */
  answeredAt: number;
  triedAt: number;
  /** The number of invalidations before it was fetched. */
  generation: number;
}

/**
 * Looks up stores in the tenant subgraph, as a service, and caches the answers, also that a store does not exist. Concurrent look-ups of
 * one store share a request (single-flight).
 */
export function createStoreLookup(tenantSubgraph: SubgraphClient): StoreLookup {
  const known = new LRUCache<string, CachedStore>({ max: MAX_CACHED_STORES });
  const unknown = new LRUCache<string, number>({ max: MAX_CACHED_UNKNOWN, ttl: CACHE_TTL_MS });
  const inFlight = new Map<string, Promise<Store | null>>();
  let generation = 0;
  const newestOf = (key: string) => Math.max(known.peek(key)?.generation ?? 0, unknown.peek(key) ?? 0);

  async function fetchStore(key: string, reference: StoreReference, requestId: string): Promise<Store | null> {
    // A look-up that began before an invalidation may return an outdated store: it is used for its own request, but not for later ones.
    const asked = generation;
    try {
      const { store } = await ask(reference, requestId);
      if (newestOf(key) > asked) return store;
      if (store) {
        const now = performance.now();
        known.set(key, { store, answeredAt: now, triedAt: now, generation: asked });
      } else {
        known.delete(key);
        unknown.set(key, asked);
      }
      return store;
    } catch (error) {
      const last = known.get(key);
      const now = performance.now();
      if (!last || now - last.answeredAt >= STALE_IF_ERROR_MS) throw error;
      lookUps.inc({ outcome: 'stale' });
      // Waits a moment before asking again: otherwise each request would wait for a service that is down.
      known.set(key, { ...last, triedAt: now, generation: Math.max(last.generation, asked) });
      return last.store;
    }
  }

  async function ask(reference: StoreReference, requestId: string): Promise<{ store: Store | null }> {
    const { data, errors } =
      'domain' in reference
        ? await tenantSubgraph.execute(
            { query: `${STORE_BY_DOMAIN} ${STORE}`, variables: { domain: reference.domain }, isQuery: true },
            serviceCaller(null, requestId),
          )
        : await tenantSubgraph.execute(
            { query: `${STORE_OF_ORGANIZATION} ${STORE}`, isQuery: true },
            serviceCaller(reference.organizationId, requestId),
          );
    if (errors?.every((error) => error.extensions?.code === 'STORE_NOT_FOUND')) return { store: null };
    const found = answer.safeParse(data);
    if (errors || !found.success) {
      const reasons = errors?.map((error) => `${error.extensions?.code}: ${error.message}`) ?? ['unexpected data'];
      throw new SubgraphUnavailable('tenant', `store look-up: ${reasons.join(', ')}`);
    }
    return found.data;
  }

  return {
    find: async (reference, requestId) => {
      const key = 'domain' in reference ? `domain ${reference.domain}` : `organization ${reference.organizationId}`;
      const last = known.get(key);
      const isKnown = last?.generation === generation && performance.now() - last.triedAt < CACHE_TTL_MS;
      const isCached = isKnown || unknown.get(key) === generation;
      lookUps.inc({ outcome: isCached ? 'hit' : 'miss' });
      if (isCached) return isKnown ? last.store : null;
      const flight = `${generation} ${key}`;
      const asking =
        inFlight.get(flight) ?? fetchStore(key, reference, requestId).finally(() => inFlight.delete(flight));
      inFlight.set(flight, asking);
      return asking;
    },
    invalidate: () => {
      generation += 1;
    },
  };
}
