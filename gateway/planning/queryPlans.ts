import type { QueryPlan } from '@apollo/query-planner';
import { LRUCache } from 'lru-cache';
import type { Planner } from './planner';

/** In characters of plans as JSON; in memory they take some three bytes each. */
const MAX_CACHED_CHARACTERS = 10 * 1024 * 1024;

/** The plans of operations that were asked for before. Concurrent requests for the same plan share one (single-flight). */
export function createQueryPlans(planner: Planner) {
  const known = new LRUCache<string, { plan: QueryPlan; characters: number }>({
    maxSize: MAX_CACHED_CHARACTERS,
    sizeCalculation: ({ characters }) => characters,
  });
  const underWay = new Map<string, Promise<QueryPlan>>();

  async function plan(text: string, size: number): Promise<QueryPlan> {
    const json = await planner.plan(text, size);
    const made: QueryPlan = JSON.parse(json);
    known.set(text, { plan: made, characters: text.length + json.length });
    return made;
  }

  /** @throws GraphQLError when there is no plan: see {@link Planner}. */
  return (text: string, size: number): Promise<QueryPlan> => {
    const found = known.get(text);
    if (found) return Promise.resolve(found.plan);
    const awaited = underWay.get(text) ?? plan(text, size).finally(() => underWay.delete(text));
    underWay.set(text, awaited);
    return awaited;
  };
}
