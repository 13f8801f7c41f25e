import { Counter, type Registry } from 'prom-client';
import type { Logger } from '../../shared/log';
import { registerGauges } from '../../shared/metrics/gauges';
import { processRegistry } from '../../shared/metrics/processMetrics';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';

/** Counting stops at this number, so that a scrape stays cheap. */
const MAX_COUNT = 1_000_000;

/** `disabled`: the attempt failed, and so had all others for so long that the subscription was disabled. */
export const webhookAttempts = new Counter({
  name: 'webhook_attempts_total',
  help: 'Attempts to deliver an event to a store’s own server, by outcome: delivered, failed, disabled',
  labelNames: ['outcome'],
  registers: [processRegistry],
});

interface Deliveries {
  webhook_deliveries_pending: number;
  webhook_deliveries_failing: number;
  webhook_delivery_lag_seconds: number;
}

/** Of the deliveries of all stores, counted in the database at each scrape. */
export function registerWebhookMetrics(registry: Registry, db: Db, logger: Logger): void {
  const gauges = [
    { name: 'webhook_deliveries_pending' as const, help: 'Deliveries that are not made yet' },
    { name: 'webhook_deliveries_failing' as const, help: 'Of these, such as failed before' },
    {
      name: 'webhook_delivery_lag_seconds' as const,
      help: 'How long the delivery that is due for the longest time waits',
    },
  ];
  registerGauges(registry, { source: 'webhooks', gauges, logger }, () =>
    runInScope({ task: 'webhook_delivery' }, async () => {
      const [row] = await db.$queryRaw<Deliveries[]>`
        SELECT count(*)::int AS webhook_deliveries_pending,
          (count(*) FILTER (WHERE attempts > 0))::int AS webhook_deliveries_failing,
          greatest(coalesce(extract(epoch FROM now() - min(due_at)), 0), 0)::float8 AS webhook_delivery_lag_seconds
        FROM (SELECT attempts, due_at FROM event_deliveries WHERE status = 'PENDING' LIMIT ${MAX_COUNT}) AS pending`;
      if (!row) throw new Error('PostgreSQL has counted nothing');
      return row;
    }),
  );
}
