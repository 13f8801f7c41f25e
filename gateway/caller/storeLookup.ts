import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { serviceCaller } from '../../subgraphs/shared/caller';
import { type SubgraphClient, SubgraphUnavailable } from '../../subgraphs/shared/subgraphClient';
import type { Store, StoreReference } from './store';

/** The store that `reference` means, null when there is none. @throws SubgraphUnavailable | SubgraphRefusedCaller */
export type FindStore = (reference: StoreReference, requestId: string) => Promise<Store | null>;

export interface StoreLookup {
  find: FindStore;
  /** Stores have changed: every one is asked for anew, and what was known holds only while nobody answers. */
  forget(): void;
}

/** A store that is suspended or renamed is refused after this at the latest, as long as the tenant subgraph answers. */
const REMEMBERED_MS = 5_000;
/** While it does not, what it last said holds for so long: its absence must not close every store. */
const HELD_WITHOUT_ANSWER_MS = 5 * 60 * 1000;
const REMEMBERED_STORES = 10_000;
/** Kept apart, so that a flood of made-up names can't push the stores out. */
const REMEMBERED_UNKNOWN = 10_000;

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

interface Remembered {
  store: Store;
  /** When the tenant subgraph said so, and when it was last asked in vain; by the monotonic clock. */
  answeredAt: number;
  triedAt: number;
  /** How often stores had changed when it was asked for. */
  generation: number;
}

/**
 * Asks the tenant subgraph, as a service, and remembers the answer for a moment, also that there is no such store.
 * Requests that arrive together share one question.
 */
export function createStoreLookup(tenantSubgraph: SubgraphClient): StoreLookup {
  const known = new LRUCache<string, Remembered>({ max: REMEMBERED_STORES });
  const unknown = new LRUCache<string, number>({ max: REMEMBERED_UNKNOWN, ttl: REMEMBERED_MS });
  const underWay = new Map<string, Promise<Store | null>>();
  let generation = 0;
  const newestOf = (key: string) => Math.max(known.peek(key)?.generation ?? 0, unknown.peek(key) ?? 0);

  async function findAnew(key: string, reference: StoreReference, requestId: string): Promise<Store | null> {
    // What was asked before a change may say what was before it: it answers its own request, and is asked anew for the next.
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
      if (!last || now - last.answeredAt >= HELD_WITHOUT_ANSWER_MS) throw error;
      // Not asked again for a moment: who asks would wait for a service that is away.
      known.set(key, { ...last, triedAt: now, generation: Math.max(last.generation, asked) });
      return last.store;
    }
  }

  async function ask(reference: StoreReference, requestId: string): Promise<{ store: Store | null }> {
    const { data, errors } =
      'domain' in reference
        ? await tenantSubgraph.execute(
            { query: `${STORE_BY_DOMAIN} ${STORE}`, variables: { domain: reference.domain } },
            serviceCaller(null, requestId),
          )
        : await tenantSubgraph.execute(
            { query: `${STORE_OF_ORGANIZATION} ${STORE}` },
            serviceCaller(reference.organizationId, requestId),
          );
    if (errors?.every((error) => error.extensions?.code === 'STORE_NOT_FOUND')) return { store: null };
    const found = answer.safeParse(data);
    if (errors || !found.success) {
      const faults = errors?.map((error) => `${error.extensions?.code}: ${error.message}`) ?? ['unexpected data'];
      throw new SubgraphUnavailable('tenant', `store look-up: ${faults.join(', ')}`);
    }
    return found.data;
  }

  return {
    find: async (reference, requestId) => {
      const key = 'domain' in reference ? `domain ${reference.domain}` : `organization ${reference.organizationId}`;
      const last = known.get(key);
      if (last?.generation === generation && performance.now() - last.triedAt < REMEMBERED_MS) return last.store;
      if (unknown.get(key) === generation) return null;
      const question = `${generation} ${key}`;
      const asking =
        underWay.get(question) ?? findAnew(key, reference, requestId).finally(() => underWay.delete(question));
      underWay.set(question, asking);
      return asking;
    },
    forget: () => {
      generation += 1;
    },
  };
}
