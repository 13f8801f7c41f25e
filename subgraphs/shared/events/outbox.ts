import { fencedLease } from '../lease';
import { runInScope } from '../scope';
import type { DomainEvent } from './domainEvent';
import type { Statements } from './eventDatabase';

/** A relay's right to publish one store's events by one lane; nobody else does meanwhile. */
export interface OutboxLease {
  tenantId: string;
  lane: string;
  fence: number;
}

const LEASE_SECONDS = 30;
const lease = fencedLease('outbox_leases', LEASE_SECONDS);

const MAX_BACK_OFF_SECONDS = 60;

/**
 * Some of the stores that have events to publish by a lane, at random, so that several relays do not all reach for the same. One
 * look into the index for each such store, however many events it has, unless they wait for another lane.
 */
export function listTenantsDue(db: Statements, lane: string, limit: number): Promise<string[]> {
  return runInScope({ task: 'event_relay' }, async () => {
    const rows = await db.$queryRaw<{ tenantId: string }[]>`
      WITH RECURSIVE waiting AS (
        (SELECT tenant_id, due_at FROM outbox_events WHERE status = 'PENDING' ORDER BY tenant_id, due_at LIMIT 1)
        UNION ALL
        SELECT following.* FROM waiting, LATERAL (
          SELECT tenant_id, due_at FROM outbox_events
          WHERE status = 'PENDING' AND tenant_id > waiting.tenant_id ORDER BY tenant_id, due_at LIMIT 1) AS following
      )
      SELECT tenant_id AS "tenantId" FROM waiting WHERE due_at <= now() AND EXISTS (
        SELECT 1 FROM outbox_events AS event
        WHERE event.tenant_id = waiting.tenant_id AND event.status = 'PENDING' AND event.due_at <= now()
          AND NOT ${lane} = ANY(event.taken_by))
      ORDER BY random() LIMIT ${limit}`;
    return rows.map(({ tenantId }) => tenantId);
  });
}

/** Claims a store's events for LEASE_SECONDS by the database's clock. @returns null while another relay has them. */
export function claimOutbox(db: Statements, tenantId: string, lane: string): Promise<OutboxLease | null> {
  return runInScope({ tenantId }, async () => {
    const [claimed] = await db.$queryRaw<{ fence: number }[]>`
      INSERT INTO outbox_leases (tenant_id, lane, lease_until)
      VALUES (${tenantId}, ${lane}, now() + make_interval(secs => ${LEASE_SECONDS}))
      ON CONFLICT (tenant_id, lane) DO UPDATE SET ${lease.claim} WHERE ${lease.isFree}
      RETURNING ${lease.token}`;
    return claimed ? { tenantId, lane, fence: claimed.fence } : null;
  });
}

/** Lets others go on. Nothing to do where the lease ran out and another relay has it. */
export function releaseOutbox(db: Statements, { tenantId, lane, fence }: OutboxLease): Promise<void> {
  return runInScope({ tenantId }, async () => {
    await db.$executeRaw`
      UPDATE outbox_leases SET ${lease.release}
      WHERE tenant_id = ${tenantId} AND lane = ${lane} AND ${lease.isHeldBy(fence)}`;
  });
}

/**
 * The next events of a store for a lane, in the order of recording. By their status and not by a position that was reached, so that
 * what commits late is not passed over. Left out are events that follow one that is put off, of the same aggregate.
 */
export function takeFromOutbox(db: Statements, tenantId: string, lane: string, limit: number): Promise<DomainEvent[]> {
  return runInScope({ tenantId }, async () => {
    const rows = await db.$queryRaw<(Omit<DomainEvent, 'tenantId' | 'time'> & { time: Date })[]>`
      SELECT id, type, aggregate_type AS "aggregateType", aggregate_id AS "aggregateId",
        aggregate_version::float8 AS "aggregateVersion", previous_version::float8 AS "previousVersion",
        data_version AS "dataVersion", occurred_at AS time, trace_parent AS "traceParent", data
      FROM outbox_events AS event
      WHERE tenant_id = ${tenantId} AND status = 'PENDING' AND NOT ${lane} = ANY(taken_by) AND NOT EXISTS (
        SELECT 1 FROM outbox_events AS failed
        WHERE failed.tenant_id = ${tenantId} AND failed.status = 'PENDING' AND failed.attempts > 0 AND failed.due_at > now()
          AND NOT ${lane} = ANY(failed.taken_by) AND failed.aggregate_type = event.aggregate_type AND failed.aggregate_id = event.aggregate_id
          AND failed.position <= event.position)
      ORDER BY position LIMIT ${limit}`;
    return rows.map((row) => ({ ...row, tenantId, time: row.time.toISOString() }));
  });
}

/**
 * Writes down that events have gone a lane, and that those are out which have gone all of `lanes`. True whoever holds the lease
 * by now, and so not bound to it.
 */
export function markPublished(
  db: Statements,
  tenantId: string,
  lane: string,
  lanes: readonly string[],
  ids: string[],
): Promise<void> {
  return runInScope({ tenantId }, async () => {
    // In the order of their ids: two lanes write of the same events at once.
    await db.$executeRaw`
      WITH gone AS (
        SELECT id, array_append(taken_by, ${lane}) @> ${lanes}::text[] AS is_out FROM outbox_events
        WHERE tenant_id = ${tenantId} AND id = ANY(${ids}) AND status = 'PENDING' AND NOT ${lane} = ANY(taken_by)
        ORDER BY id FOR UPDATE
      )
      UPDATE outbox_events AS event SET taken_by = array_append(taken_by, ${lane}),
        status = CASE WHEN is_out THEN 'PUBLISHED' ELSE status END,
        published_at = CASE WHEN is_out THEN now() END,
        last_error = CASE WHEN is_out THEN NULL ELSE last_error END
      FROM gone WHERE event.tenant_id = ${tenantId} AND event.id = gone.id`;
  });
}

/** Puts an event off, longer with each attempt. It stays until it is out, for everybody to see. */
export function markNotPublished(db: Statements, tenantId: string, id: string, error: Error): Promise<void> {
  const lastError = `${error.name}: ${error.message}`.slice(0, 500);
  return runInScope({ tenantId }, async () => {
    await db.$executeRaw`
      UPDATE outbox_events SET attempts = attempts + 1, last_error = ${lastError},
        due_at = now() + make_interval(secs => least(power(2, least(attempts, 10)), ${MAX_BACK_OFF_SECONDS}))
      WHERE tenant_id = ${tenantId} AND id = ${id} AND status = 'PENDING'`;
  });
}

/** Says on an event that its lane is down. It is not put off: when the lane is there again, it goes at once. */
export function markLaneDown(db: Statements, tenantId: string, id: string, error: Error): Promise<void> {
  const lastError = `${error.name}: ${error.message}`.slice(0, 500);
  return runInScope({ tenantId }, async () => {
    await db.$executeRaw`
      UPDATE outbox_events SET attempts = attempts + 1, last_error = ${lastError}
      WHERE tenant_id = ${tenantId} AND id = ${id} AND status = 'PENDING'`;
  });
}
