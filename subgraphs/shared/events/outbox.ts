import { fencedLease } from '../lease';
import { runInScope } from '../scope';
import type { DomainEvent } from './domainEvent';
import type { Statements } from './eventDatabase';

/** A relay's exclusive right to publish one store's events on one channel, which keeps them in order. */
export interface OutboxLease {
  tenantId: string;
  channel: string;
  fence: number;
}

const LEASE_SECONDS = 30;
const lease = fencedLease('outbox_leases', LEASE_SECONDS);

const MAX_BACK_OFF_SECONDS = 60;

/**
 * Lists some of the stores that have events due on a channel, in random order, so that several relays do not all try to claim the same
 * stores. A loose index scan: it reads one index entry for each store instead of one for each event.
 */
export function listTenantsDue(db: Statements, channel: string, limit: number): Promise<string[]> {
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
          AND NOT ${channel} = ANY(event.taken_by))
      ORDER BY random() LIMIT ${limit}`;
    return rows.map(({ tenantId }) => tenantId);
  });
}

/** Claims a store's events for LEASE_SECONDS by the database's clock. @returns null while another relay holds the lease. */
export function claimOutbox(db: Statements, tenantId: string, channel: string): Promise<OutboxLease | null> {
  return runInScope({ tenantId }, async () => {
    const [claimed] = await db.$queryRaw<{ fence: number }[]>`
      INSERT INTO outbox_leases (tenant_id, lane, lease_until)
      VALUES (${tenantId}, ${channel}, now() + make_interval(secs => ${LEASE_SECONDS}))
      ON CONFLICT (tenant_id, lane) DO UPDATE SET ${lease.claim} WHERE ${lease.isFree}
      RETURNING ${lease.token}`;
    return claimed ? { tenantId, channel, fence: claimed.fence } : null;
  });
}

/** Releases a lease. Changes nothing when the lease has expired and another relay has claimed it. */
export function releaseOutbox(db: Statements, { tenantId, channel, fence }: OutboxLease): Promise<void> {
  return runInScope({ tenantId }, async () => {
    await db.$executeRaw`
      UPDATE outbox_leases SET ${lease.release}
      WHERE tenant_id = ${tenantId} AND lane = ${channel} AND ${lease.isHeldBy(fence)}`;
  });
}

/**
 * Lists a store's next events for a channel, in the order of recording. They are found by status and not by the last published position,
 * because a transaction with an earlier position may commit later. Omits events that follow one of their aggregate that waits for a retry.
 */
export function listPending(db: Statements, tenantId: string, channel: string, limit: number): Promise<DomainEvent[]> {
  return runInScope({ tenantId }, async () => {
    const rows = await db.$queryRaw<(Omit<DomainEvent, 'tenantId' | 'time'> & { time: Date })[]>`
      SELECT id, type, aggregate_type AS "aggregateType", aggregate_id AS "aggregateId",
        aggregate_version::float8 AS "aggregateVersion", previous_version::float8 AS "previousVersion",
        data_version AS "dataVersion", occurred_at AS time, trace_parent AS "traceParent", data
      FROM outbox_events AS event
      WHERE tenant_id = ${tenantId} AND status = 'PENDING' AND NOT ${channel} = ANY(taken_by) AND NOT EXISTS (
        SELECT 1 FROM outbox_events AS failed
        WHERE failed.tenant_id = ${tenantId} AND failed.status = 'PENDING' AND failed.attempts > 0 AND failed.due_at > now()
          AND NOT ${channel} = ANY(failed.taken_by) AND failed.aggregate_type = event.aggregate_type AND failed.aggregate_id = event.aggregate_id
          AND failed.position <= event.position)
      ORDER BY position LIMIT ${limit}`;
    return rows.map((row) => ({ ...row, tenantId, time: row.time.toISOString() }));
  });
}

/**
 * Marks events as published on one channel; an event becomes PUBLISHED when all `channels` have published it. Not fenced: the events
 * were published, even if another relay holds the lease by now.
 */
export function markPublished(
  db: Statements,
  tenantId: string,
  channel: string,
  channels: readonly string[],
  ids: string[],
): Promise<void> {
  return runInScope({ tenantId }, async () => {
    // Locks in id order to avoid deadlocks, since two channels may mark the same events concurrently.
    await db.$executeRaw`
      WITH published AS (
        SELECT id, array_append(taken_by, ${channel}) @> ${channels}::text[] AS by_all FROM outbox_events
        WHERE tenant_id = ${tenantId} AND id = ANY(${ids}) AND status = 'PENDING' AND NOT ${channel} = ANY(taken_by)
        ORDER BY id FOR UPDATE
      )
      UPDATE outbox_events AS event SET taken_by = array_append(taken_by, ${channel}),
        status = CASE WHEN by_all THEN 'PUBLISHED' ELSE status END,
        published_at = CASE WHEN by_all THEN now() END,
        last_error = CASE WHEN by_all THEN NULL ELSE last_error END
      FROM published WHERE event.tenant_id = ${tenantId} AND event.id = published.id`;
  });
}

/** Postpones an event with exponential backoff. It stays PENDING until it is published, so that metrics and operators see it. */
export function markNotPublished(db: Statements, tenantId: string, id: string, error: Error): Promise<void> {
  const lastError = `${error.name}: ${error.message}`.slice(0, 500);
  return runInScope({ tenantId }, async () => {
    await db.$executeRaw`
      UPDATE outbox_events SET attempts = attempts + 1, last_error = ${lastError},
        due_at = now() + make_interval(secs => least(power(2, least(attempts, 10)), ${MAX_BACK_OFF_SECONDS}))
      WHERE tenant_id = ${tenantId} AND id = ${id} AND status = 'PENDING'`;
  });
}

/** Records on an event that its channel is down. It is not postponed, but published as soon as the channel is up again. */
export function markChannelDown(db: Statements, tenantId: string, id: string, error: Error): Promise<void> {
  const lastError = `${error.name}: ${error.message}`.slice(0, 500);
  return runInScope({ tenantId }, async () => {
    await db.$executeRaw`
      UPDATE outbox_events SET attempts = attempts + 1, last_error = ${lastError}
      WHERE tenant_id = ${tenantId} AND id = ${id} AND status = 'PENDING'`;
  });
}
