import { runInScope } from '../scope';
import { inSpan, withTrace } from '../trace';
import { type EventConsumer, effectOf } from './consumer';
import type { DomainEvent } from './domainEvent';
import { EVENT_CATALOG, isEventType } from './eventCatalog';
import type { EventDatabase, Statements } from './eventDatabase';

/**
 * The result for one event. `repeated`: it was processed before. `outdated`: a later event of its aggregate has superseded it.
 * `waiting`: it is stored and will be retried. `parked`: it needs a newer version of this system; it is stored, and
 * `npm run events:redrive` retries it. `dead`: it has failed too often, and is only stored.
 */
export type ProcessingResult = 'applied' | 'repeated' | 'outdated' | 'waiting' | 'parked' | 'dead';

/** How long an event waits for its predecessor of the same aggregate. After that it is applied without it. */
export const GAP_TIMEOUT_SECONDS = 30;
/** After so many failed attempts, over about two minutes, an event is dead. */
export const MAX_ATTEMPTS = 8;

const RETRY_GAP_SECONDS = 1;
const NO_VERSION = -1;

/** The predecessor of the event has not arrived yet. */
class EventGap extends Error {
  constructor() {
    super('the previous event of this aggregate has not arrived yet');
  }
}

/** The event's type or version is unknown: a newer version of this system has published it. */
class NotUnderstood extends Error {}

/**
 * Idempotent consumer: each event has its effect once, however often it is delivered, since its id is written into the inbox in the
 * transaction of the effect. `events` are of one store, in the order of recording. One transaction processes all of them; if one
 * fails, each is processed in its own transaction. An event that fails is stored in the inbox, and counts as delivered.
 * @returns a result for each. @throws the database's error when it is down: the events have to be delivered again.
 */
export async function processEvents<Tx extends Statements>(
  db: EventDatabase<Tx>,
  consumer: EventConsumer<Tx>,
  events: readonly DomainEvent[],
): Promise<ProcessingResult[]> {
  const [first, ...others] = events;
  if (!first) return [];
  return runInScope({ tenantId: first.tenantId }, async () => {
    try {
      return await db.$transaction((tx) => applyAll(tx, consumer, events));
    } catch (error) {
      if (others.length === 0) return [await keep(db, consumer.name, first, error as Error)];
    }
    const outcomes: ProcessingResult[] = [];
    for (const event of events) outcomes.push(await processEvent(db, consumer, event));
    return outcomes;
  });
}

/** As {@link processEvents}, for one event. */
export async function processEvent<Tx extends Statements>(
  db: EventDatabase<Tx>,
  consumer: EventConsumer<Tx>,
  event: DomainEvent,
): Promise<ProcessingResult> {
  const [outcome] = await processEvents(db, consumer, [event]);
  if (!outcome) throw new Error('An event has an outcome');
  return outcome;
}

async function applyAll<Tx extends Statements>(
  tx: Tx,
  consumer: EventConsumer<Tx>,
  events: readonly DomainEvent[],
): Promise<ProcessingResult[]> {
  const { newIds, versions } = await begin(tx, consumer.name, events);
  const reached = new Map<string, DomainEvent>();
  const outcomes: ProcessingResult[] = [];
  for (const event of events) {
    // An event that is twice in the batch is a repeat, too.
    if (!newIds.delete(event.id)) outcomes.push('repeated');
    else {
      const key = aggregateKey(event);
      const version = reached.get(key)?.aggregateVersion ?? versions.get(key) ?? NO_VERSION;
      const outcome = await apply(tx, consumer, event, version);
      if (outcome === 'applied' && event.aggregateVersion > version) reached.set(key, event);
      outcomes.push(outcome);
    }
  }
  await writeVersions(tx, consumer.name, [...reached.values()]);
  return outcomes;
}

const aggregateKey = ({ aggregateType, aggregateId }: Pick<DomainEvent, 'aggregateType' | 'aggregateId'>): string =>
  `${aggregateType} ${aggregateId}`;

/** Retries a waiting event. @returns null when another process retries it or has done so. @throws the database's error when it is down. */
export async function retryEvent<Tx extends Statements>(
  db: EventDatabase<Tx>,
  consumer: EventConsumer<Tx>,
  event: DomainEvent,
): Promise<ProcessingResult | null> {
  const { tenantId, id } = event;
  return runInScope({ tenantId }, async () => {
    try {
      return await db.$transaction(async (tx) => {
        const [waiting] = await tx.$queryRaw<{ gapTimedOut: boolean }[]>`
          SELECT received_at < now() - make_interval(secs => ${GAP_TIMEOUT_SECONDS}) AS "gapTimedOut" FROM inbox_events
          WHERE tenant_id = ${tenantId} AND consumer = ${consumer.name} AND event_id = ${id}
            AND status = 'WAITING' AND due_at <= now()
          FOR UPDATE SKIP LOCKED`;
        if (!waiting) return null;
        const version = await lockAggregate(tx, consumer.name, event);
        const outcome = await apply(tx, consumer, event, version, waiting.gapTimedOut);
        if (outcome === 'applied' && event.aggregateVersion > version) await writeVersions(tx, consumer.name, [event]);
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
  gapTimedOut = false,
): Promise<ProcessingResult> {
  const { type, aggregateVersion, previousVersion } = event;
  const data = readData(event);
  if (aggregateVersion < version && !consumer.isCommutative) return 'outdated';
  if (previousVersion !== null && version < previousVersion && !gapTimedOut) throw new EventGap();

  const effect = isEventType(type) ? effectOf(consumer, type) : undefined;
  const run = async () => effect?.(tx, { ...event, data });
  const attributes = { 'messaging.consumer.group.name': consumer.name, 'tenant.id': event.tenantId };
  const traced = () => inSpan(`process ${type}`, 'CONSUMER', attributes, run);
  await (event.traceParent === null ? run() : withTrace(event.traceParent, traced));
  return 'applied';
}

/** Sets each aggregate's version to that of its last event. The transaction has locked these rows. */
async function writeVersions(tx: Statements, consumer: string, events: readonly DomainEvent[]): Promise<void> {
  const [first] = events;
  if (!first) return;
  await tx.$executeRaw`
    UPDATE inbox_aggregates AS locked SET version = greatest(locked.version, reached.version), updated_at = now()
    FROM unnest(${events.map(({ aggregateType }) => aggregateType)}::text[], ${events.map(({ aggregateId }) => aggregateId)}::text[],
      ${events.map(({ aggregateVersion }) => aggregateVersion)}::bigint[]) AS reached (aggregate_type, aggregate_id, version)
    WHERE locked.tenant_id = ${first.tenantId} AND locked.consumer = ${consumer}
      AND locked.aggregate_type = reached.aggregate_type AND locked.aggregate_id = reached.aggregate_id`;
}

/** @throws NotUnderstood when a newer version of this system has published the event; Error when its data do not match the catalog. */
function readData({ type, dataVersion, data }: DomainEvent): unknown {
  if (!isEventType(type)) throw new NotUnderstood(`no event of this version of the system: ${type}`);
  const definition = EVENT_CATALOG[type];
  if (dataVersion > definition.version) throw new NotUnderstood(`version ${dataVersion} of ${type}`);
  const result = definition.data.safeParse(data);
  if (result.success) return result.data;
  throw new Error(`not a ${type}: check ${result.error.issues.map(({ path }) => path.join('.') || 'data').join(', ')}`);
}

interface Begun {
  /** The ids of the events that were not processed before. */
  newIds: Set<string>;
  /** The versions of their aggregates, by key. */
  versions: Map<string, number>;
}

/** Writes the events' ids into the inbox, and locks their aggregates, so that events of one aggregate are processed one after another. */
async function begin(tx: Statements, consumer: string, events: readonly DomainEvent[]): Promise<Begun> {
  const tenantId = events[0]?.tenantId;
  type Aggregate = Pick<DomainEvent, 'aggregateType' | 'aggregateId'> & { version: number };
  const [row] = await tx.$queryRaw<{ newIds: string[]; locked: Aggregate[] }[]>`
    WITH added AS (
      INSERT INTO inbox_events (tenant_id, consumer, event_id)
      SELECT ${tenantId}, ${consumer}, id FROM unnest(${events.map(({ id }) => id)}::text[]) AS event (id) ORDER BY id
      ON CONFLICT DO NOTHING RETURNING event_id
    ), locked AS (
      INSERT INTO inbox_aggregates AS known (tenant_id, consumer, aggregate_type, aggregate_id, version)
      SELECT DISTINCT ${tenantId}, ${consumer}, type, id, ${NO_VERSION}::bigint
      FROM unnest(${events.map(({ aggregateType }) => aggregateType)}::text[], ${events.map(({ aggregateId }) => aggregateId)}::text[])
        AS aggregate (type, id)
      ORDER BY type, id
      ON CONFLICT (tenant_id, consumer, aggregate_type, aggregate_id) DO UPDATE SET version = known.version
      RETURNING aggregate_type, aggregate_id, version
    )
    SELECT ARRAY(SELECT event_id FROM added) AS "newIds",
      (SELECT jsonb_agg(jsonb_build_object('aggregateType', aggregate_type, 'aggregateId', aggregate_id, 'version', version)) FROM locked) AS locked`;
  return {
    newIds: new Set(row?.newIds),
    versions: new Map(row?.locked.map((aggregate) => [aggregateKey(aggregate), aggregate.version])),
  };
}

async function lockAggregate(tx: Statements, consumer: string, event: DomainEvent): Promise<number> {
  const { tenantId, aggregateType, aggregateId } = event;
  const [row] = await tx.$queryRaw<{ version: number }[]>`
    INSERT INTO inbox_aggregates AS known (tenant_id, consumer, aggregate_type, aggregate_id, version)
    VALUES (${tenantId}, ${consumer}, ${aggregateType}, ${aggregateId}, ${NO_VERSION})
    ON CONFLICT (tenant_id, consumer, aggregate_type, aggregate_id) DO UPDATE SET version = known.version
    RETURNING version::float8 AS version`;
  return row?.version ?? NO_VERSION;
}

/** Stores an event that could not be applied, with the reason. A gap is no failure, so it does not count as an attempt. */
async function keep(db: Statements, consumer: string, event: DomainEvent, error: Error): Promise<ProcessingResult> {
  const { tenantId, id } = event;
  const isGap = error instanceof EventGap;
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
  return (kept?.status.toLowerCase() ?? 'repeated') as ProcessingResult;
}
