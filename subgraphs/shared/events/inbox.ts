import { runInScope } from '../scope';
import { withTrace } from '../trace';
import { type EventConsumer, effectOf } from './consumer';
import type { DomainEvent } from './domainEvent';
import { EVENT_CATALOG, isEventType } from './eventCatalog';
import type { EventDatabase, Statements } from './eventDatabase';

/**
 * What became of an event. `repeated`: it was taken in before. `outdated`: a later one of its aggregate has said all.
 * `waiting`: it is kept here, and tried again. `parked`: it is kept until a version of this system that understands it is asked
 * to. `dead`: it is kept, having failed too often.
 */
export type TakenIn = 'applied' | 'repeated' | 'outdated' | 'waiting' | 'parked' | 'dead';

/** How long an event waits for one before it of its aggregate that has not come. Then it has its effect without it. */
export const GAP_PATIENCE_SECONDS = 30;
/** How often an effect may fail, over some two minutes, until its event is dead. */
export const MAX_ATTEMPTS = 8;

const RETRY_GAP_SECONDS = 1;
const NO_VERSION = -1;

/** An earlier event of the aggregate is still on its way. */
class Gap extends Error {
  constructor() {
    super('an earlier event of this aggregate has not come yet');
  }
}

/** Nothing of this system's can be done about it as it is. */
class NotUnderstood extends Error {}

/**
 * Has the effect of `event` once, however often it comes: that it came is written in the transaction of the effect. What
 * fails is kept here, and does not come back to who sent it.
 * @throws what the database throws when it is away: nothing was taken in, and the event is to be sent again.
 */
export async function takeIn<Tx extends Statements>(
  db: EventDatabase<Tx>,
  consumer: EventConsumer<Tx>,
  event: DomainEvent,
): Promise<TakenIn> {
  const { tenantId } = event;
  return runInScope({ tenantId }, async () => {
    try {
      return await db.$transaction(async (tx) => {
        const { isNew, version } = await begin(tx, consumer.name, event);
        if (!isNew) return 'repeated';
        return apply(tx, consumer, event, version);
      });
    } catch (error) {
      return keep(db, consumer.name, event, error as Error);
    }
  });
}

/** Tries what waits. @returns null when another process does, or has. @throws what the database throws when it is away. */
export async function takeInAgain<Tx extends Statements>(
  db: EventDatabase<Tx>,
  consumer: EventConsumer<Tx>,
  event: DomainEvent,
): Promise<TakenIn | null> {
  const { tenantId, id } = event;
  return runInScope({ tenantId }, async () => {
    try {
      return await db.$transaction(async (tx) => {
        const [waiting] = await tx.$queryRaw<{ isImpatient: boolean }[]>`
          SELECT received_at < now() - make_interval(secs => ${GAP_PATIENCE_SECONDS}) AS "isImpatient" FROM inbox_events
          WHERE tenant_id = ${tenantId} AND consumer = ${consumer.name} AND event_id = ${id}
            AND status = 'WAITING' AND due_at <= now()
          FOR UPDATE SKIP LOCKED`;
        if (!waiting) return null;
        const version = await lockAggregate(tx, consumer.name, event);
        const outcome = await apply(tx, consumer, event, version, waiting.isImpatient);
        await tx.$executeRaw`
          UPDATE inbox_events SET status = 'APPLIED', event = NULL, due_at = NULL, last_error = NULL
          WHERE tenant_id = ${tenantId} AND consumer = ${consumer.name} AND event_id = ${id}`;
        return outcome;
      });
    } catch (error) {
      return keep(db, consumer.name, event, error as Error);
    }
  });
}

async function apply<Tx extends Statements>(
  tx: Tx,
  consumer: EventConsumer<Tx>,
  event: DomainEvent,
  version: number,
  isImpatient = false,
): Promise<TakenIn> {
  const { tenantId, type, aggregateType, aggregateId, aggregateVersion, previousVersion } = event;
  const data = readData(event);
  if (aggregateVersion < version && !consumer.countsLate) return 'outdated';
  if (previousVersion !== null && version < previousVersion && !isImpatient) throw new Gap();

  const effect = isEventType(type) ? effectOf(consumer, type) : undefined;
  const run = async () => effect?.(tx, { ...event, data });
  await (event.traceParent === null ? run() : withTrace(event.traceParent, run));
  await tx.$executeRaw`
    UPDATE inbox_aggregates SET version = greatest(version, ${aggregateVersion}), updated_at = now()
    WHERE tenant_id = ${tenantId} AND consumer = ${consumer.name} AND aggregate_type = ${aggregateType}
      AND aggregate_id = ${aggregateId}`;
  return 'applied';
}

/** @throws NotUnderstood when it is of a newer version of this system; Error when it is not as the catalog says. */
function readData({ type, dataVersion, data }: DomainEvent): unknown {
  if (!isEventType(type)) throw new NotUnderstood(`no event of this version of the system: ${type}`);
  const definition = EVENT_CATALOG[type];
  if (dataVersion > definition.version) throw new NotUnderstood(`version ${dataVersion} of ${type}`);
  const result = definition.data.safeParse(data);
  if (result.success) return result.data;
  throw new Error(`not a ${type}: check ${result.error.issues.map(({ path }) => path.join('.') || 'data').join(', ')}`);
}

/** Writes down that the event has come, and holds its aggregate: its events are taken in one after another. */
async function begin(
  tx: Statements,
  consumer: string,
  event: DomainEvent,
): Promise<{ isNew: boolean; version: number }> {
  const { tenantId, id, aggregateType, aggregateId } = event;
  const [row] = await tx.$queryRaw<{ isNew: boolean; version: number }[]>`
    WITH come AS (
      INSERT INTO inbox_events (tenant_id, consumer, event_id) VALUES (${tenantId}, ${consumer}, ${id})
      ON CONFLICT DO NOTHING RETURNING 1
    ), held AS (
      INSERT INTO inbox_aggregates AS held (tenant_id, consumer, aggregate_type, aggregate_id, version)
      VALUES (${tenantId}, ${consumer}, ${aggregateType}, ${aggregateId}, ${NO_VERSION})
      ON CONFLICT (tenant_id, consumer, aggregate_type, aggregate_id) DO UPDATE SET version = held.version
      RETURNING version
    )
    SELECT EXISTS (SELECT 1 FROM come) AS "isNew", version::float8 AS version FROM held`;
  return row ?? { isNew: false, version: NO_VERSION };
}

async function lockAggregate(tx: Statements, consumer: string, event: DomainEvent): Promise<number> {
  const { tenantId, aggregateType, aggregateId } = event;
  const [row] = await tx.$queryRaw<{ version: number }[]>`
    INSERT INTO inbox_aggregates AS held (tenant_id, consumer, aggregate_type, aggregate_id, version)
    VALUES (${tenantId}, ${consumer}, ${aggregateType}, ${aggregateId}, ${NO_VERSION})
    ON CONFLICT (tenant_id, consumer, aggregate_type, aggregate_id) DO UPDATE SET version = held.version
    RETURNING version::float8 AS version`;
  return row?.version ?? NO_VERSION;
}

/** Keeps an event that could not have its effect, and why. A gap is no failure, and does not count as one. */
async function keep(db: Statements, consumer: string, event: DomainEvent, error: Error): Promise<TakenIn> {
  const { tenantId, id } = event;
  const isGap = error instanceof Gap;
  const isParked = error instanceof NotUnderstood;
  const lastError = `${error.name}: ${error.message}`.slice(0, 500);
  const [kept] = await db.$queryRaw<{ status: string }[]>`
    INSERT INTO inbox_events AS kept (tenant_id, consumer, event_id, status, event, attempts, last_error, due_at)
    VALUES (${tenantId}, ${consumer}, ${id}, (CASE WHEN ${isParked} THEN 'PARKED' ELSE 'WAITING' END)::"InboxStatus",
      ${JSON.stringify(event)}::jsonb, ${isGap ? 0 : 1}, ${lastError},
      CASE WHEN NOT ${isParked} THEN now() + make_interval(secs => ${RETRY_GAP_SECONDS}) END)
    ON CONFLICT (tenant_id, consumer, event_id) DO UPDATE SET
      attempts = kept.attempts + EXCLUDED.attempts, last_error = EXCLUDED.last_error,
      (status, due_at) = (SELECT CASE
          WHEN ${isParked} THEN 'PARKED'::"InboxStatus"
          WHEN kept.attempts + EXCLUDED.attempts >= ${MAX_ATTEMPTS} THEN 'DEAD'::"InboxStatus"
          ELSE 'WAITING'::"InboxStatus" END,
        CASE WHEN NOT ${isParked} AND kept.attempts + EXCLUDED.attempts < ${MAX_ATTEMPTS}
          THEN now() + make_interval(secs => CASE WHEN ${isGap} THEN ${RETRY_GAP_SECONDS} ELSE power(2, kept.attempts) END) END)
    WHERE kept.status = 'WAITING' AND kept.due_at <= now()
    RETURNING status::text AS status`;
  return (kept?.status.toLowerCase() ?? 'repeated') as TakenIn;
}
