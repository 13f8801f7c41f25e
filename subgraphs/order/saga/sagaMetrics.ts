import type { Registry } from 'prom-client';
import type { Logger } from '../../shared/log';
import { registerGauges } from '../../shared/metrics/gauges';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import { ATTENTION_AFTER } from './sagaLease';

/** Metrics of the unfinished sagas of all stores, counted in the database at each scrape. */
export function registerSagaMetrics(registry: Registry, db: Db, logger: Logger): void {
  const help = `Orders with work left to do in other services; NEEDS_ATTENTION: a step failed ${ATTENTION_AFTER} times or more`;
  const gauges = [{ name: 'order_sagas_unfinished' as const, help, label: 'state' }];
  registerGauges(registry, { source: 'sagas', gauges, logger }, async () => ({
    order_sagas_unfinished: await countUnfinished(db),
  }));
}

function countUnfinished(db: Db): Promise<Record<string, number>> {
  return runInScope({ task: 'saga_recovery' }, async () => {
    const [row] = await db.$queryRaw<Record<string, number>[]>`
      SELECT (count(*) FILTER (WHERE attempts < ${ATTENTION_AFTER}))::int AS "UNDER_WAY",
        (count(*) FILTER (WHERE attempts >= ${ATTENTION_AFTER}))::int AS "NEEDS_ATTENTION"
      FROM order_sagas WHERE finished_at IS NULL`;
    if (!row) throw new Error('PostgreSQL has counted nothing');
    return row;
  });
}
