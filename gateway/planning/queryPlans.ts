import type { QueryPlan } from '@apollo/query-planner';
import { LRUCache } from 'lru-cache';
import { Counter, Histogram } from 'prom-client';
import { processRegistry } from '../../subgraphs/shared/metrics/processMetrics';
import { DURATION_BUCKETS } from '../../subgraphs/shared/metrics/requestMetrics';
import type { Planner } from './planner';

/** In characters of plans as JSON; in memory they take some three bytes each. */
const MAX_CACHED_CHARACTERS = 10 * 1024 * 1024;

const registers = [processRegistry];
const lookUps = new Counter({
  name: 'query_plan_lookups_total',
  help: 'Plans that were asked for, by whether they were in the cache: hit or miss',
  labelNames: ['outcome'],
  registers,
});
const duration = new Histogram({
  name: 'query_plan_duration_seconds',
  help: 'Time until a plan that was not in the cache was made, with the wait for the planner',
  buckets: DURATION_BUCKETS,
  registers,
});

/** The plans of operations that were asked for before. Concurrent requests for the same plan share one (single-flight). */
export function createQueryPlans(planner: Planner) {
  const known = new LRUCache<string, { plan: QueryPlan; characters: number }>({
    maxSize: MAX_CACHED_CHARACTERS,
    sizeCalculation: ({ characters }) => characters,
  });
  const underWay = new Map<string, Promise<QueryPlan>>();

  async function plan(text: string, size: number): Promise<QueryPlan> {
    const planned = duration.startTimer();
    const json = await planner.plan(text, size);
    planned();
    const made: QueryPlan = JSON.parse(json);
    known.set(text, { plan: made, characters: text.length + json.length });
    return made;
  }

  /** @throws GraphQLError when there is no plan: see {@link Planner}. */
  return (text: string, size: number): Promise<QueryPlan> => {
    const found = known.get(text);
    lookUps.inc({ outcome: found ? 'hit' : 'miss' });
    if (found) return Promise.resolve(found.plan);
    const awaited = underWay.get(text) ?? plan(text, size).finally(() => underWay.delete(text));
    underWay.set(text, awaited);
    return awaited;
  };
}
