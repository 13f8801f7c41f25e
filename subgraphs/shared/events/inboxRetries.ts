import type { Logger } from '../log';
import { type PeriodicTask, startPeriodicTask } from '../periodicTask';
import { runInScope } from '../scope';
import type { EventConsumer } from './consumer';
import type { DomainEvent } from './domainEvent';
import type { EventDatabase, Statements } from './eventDatabase';
import { retryEvent } from './inbox';

const POLL_MS = 1_000;
const TENANTS_BATCH_SIZE = 50;
const EVENTS_OF_A_TENANT = 100;

/** Retries waiting events when they are due. With several processes, each event is retried by only one of them. */
export function startInboxRetries<Tx extends Statements>(
  db: EventDatabase<Tx>,
  consumers: readonly EventConsumer<Tx>[],
  logger: Logger,
): PeriodicTask {
  return startPeriodicTask({
    name: 'inbox retries',
    run: async () => {
      await retryDue(db, consumers, logger);
      return false;
    },
    everyMs: POLL_MS,
    firstAfterMs: 0,
    logger,
  });
}

/** One run over all stores with waiting events. */
export async function retryDue<Tx extends Statements>(
  db: EventDatabase<Tx>,
  consumers: readonly EventConsumer<Tx>[],
  logger: Logger,
): Promise<void> {
  for (const tenantId of await listTenantsWaiting(db)) {
    for (const { consumer: name, event } of await listWaiting(db, tenantId)) {
      const consumer = consumers.find((each) => each.name === name);
      if (!consumer) continue;
      const outcome = await retryEvent(db, consumer, event);
      const { id, type } = event;
      if (outcome === 'dead')
        logger.error({ id, type, tenantId, consumer: name }, 'event is dead: it failed too often');
      else logger.info({ id, type, tenantId, consumer: name, outcome }, 'event tried again');
    }
  }
}

function listTenantsWaiting(db: Statements): Promise<string[]> {
  return runInScope({ task: 'event_retry' }, async () => {
    const rows = await db.$queryRaw<{ tenantId: string }[]>`
      SELECT DISTINCT tenant_id AS "tenantId" FROM inbox_events
      WHERE status = 'WAITING' AND due_at <= now() LIMIT ${TENANTS_BATCH_SIZE}`;
    return rows.map(({ tenantId }) => tenantId);
  });
}

/** Lists an aggregate's earlier events first, because later ones may wait for them. */
function listWaiting(db: Statements, tenantId: string): Promise<{ consumer: string; event: DomainEvent }[]> {
  return runInScope(
    { tenantId },
    () =>
      db.$queryRaw<{ consumer: string; event: DomainEvent }[]>`
      SELECT consumer, event FROM inbox_events
      WHERE tenant_id = ${tenantId} AND status = 'WAITING' AND due_at <= now()
      ORDER BY (event ->> 'aggregateVersion')::bigint, due_at LIMIT ${EVENTS_OF_A_TENANT}`,
  );
}
