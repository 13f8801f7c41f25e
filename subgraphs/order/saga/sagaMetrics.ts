import { Gauge, type Registry } from 'prom-client';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import { ATTENTION_AFTER } from './sagaLease';

/** Metrics of the unfinished sagas of all stores, counted in the database at each scrape. */
export function registerSagaMetrics(registry: Registry, db: Db): void {
  const unfinished = new Gauge({
    name: 'order_sagas_unfinished',
    help: `Orders with work left to do in other services; NEEDS_ATTENTION: a step failed ${ATTENTION_AFTER} times or more`,
    labelNames: ['state'],
    registers: [registry],
    collect: async () => {
      const { underWay, attention } = await countUnfinished(db);
      unfinished.set({ state: 'UNDER_WAY' }, underWay);
      unfinished.set({ state: 'NEEDS_ATTENTION' }, attention);
    },
  });
}

function countUnfinished(db: Db): Promise<{ underWay: number; attention: number }> {
  return runInScope({ task: 'saga_recovery' }, async () => {
    const [row] = await db.$queryRaw<{ underWay: number; attention: number }[]>`
      SELECT (count(*) FILTER (WHERE attempts < ${ATTENTION_AFTER}))::int AS "underWay",
        (count(*) FILTER (WHERE attempts >= ${ATTENTION_AFTER}))::int AS attention
      FROM order_sagas WHERE finished_at IS NULL`;
    return row ?? { underWay: 0, attention: 0 };
  });
}
