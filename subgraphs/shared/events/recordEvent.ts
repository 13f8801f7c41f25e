import { newId } from '../ids';
import { currentScope, ScopeMissing } from '../scope';
import { currentTrace, inSpan } from '../trace';
import { EVENT_CATALOG, type EventData, type EventType } from './eventCatalog';

/** An event to be recorded, about a change in the tenant of the current scope. */
export type NewEvent = {
  [Type in EventType]: {
    type: Type;
    /** The id of the changed object. */
    aggregateId: string;
    /** The aggregate's version after the change. It never decreases; several events may share a version. */
    aggregateVersion: number | bigint;
    data: EventData<Type>;
  };
}[EventType];

/** A transaction of any subgraph's Prisma client. */
export interface EventTransaction {
  $executeRaw(statement: TemplateStringsArray, ...values: unknown[]): PromiseLike<number>;
}

/** An event that does not match the catalog: a bug, which rolls back the change. The error message names fields, but no values. */
export class InvalidEvent extends Error {}

/** @throws InvalidEvent | ScopeMissing: see {@link recordEvents}. */
export const recordEvent = (tx: EventTransaction, event: NewEvent): Promise<void> => recordEvents(tx, [event]);

/**
 * Transactional outbox: records events in the transaction of the change, so that either both happen or neither. All events take one
 * statement, and keep their order. The transaction must have locked the changed row, so that the events of an aggregate are recorded one
 * after another. @throws InvalidEvent when an event does not match the catalog; ScopeMissing outside a tenant's scope.
 */
export async function recordEvents(tx: EventTransaction, events: readonly NewEvent[]): Promise<void> {
  const scope = currentScope();
  if (!('tenantId' in scope)) throw new ScopeMissing();
  const rows = events.map(asRow);
  if (rows.length === 0) return;
  const types = [...new Set(events.map(({ type }) => type))].join(' ');
  await inSpan('record events', 'PRODUCER', { 'messaging.destination.name': types }, async () =>
    insert(tx, scope.tenantId, rows),
  );
}

async function insert(tx: EventTransaction, tenantId: string, rows: readonly object[]): Promise<void> {
  // PostgreSQL sends notifications at the commit, and equal ones only once.
  await tx.$executeRaw`
    WITH event AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS event (
        n int, id text, type text, data_version int, data jsonb, aggregate_type text, aggregate_id text, aggregate_version bigint)
    ), recorded AS (
      INSERT INTO outbox_events (tenant_id, id, type, data_version, data, aggregate_type, aggregate_id, aggregate_version,
        previous_version, trace_parent)
      SELECT ${tenantId}, id, type, data_version, data, aggregate_type, aggregate_id, aggregate_version, coalesce(
        lag(aggregate_version) OVER (PARTITION BY aggregate_type, aggregate_id ORDER BY n),
        (SELECT max(earlier.aggregate_version) FROM outbox_events AS earlier
         WHERE earlier.tenant_id = ${tenantId} AND earlier.aggregate_type = event.aggregate_type
           AND earlier.aggregate_id = event.aggregate_id)), ${currentTrace()}
      FROM event ORDER BY n
      RETURNING type
    )
    SELECT pg_notify('outbox_events', type) FROM recorded`;
}

function asRow({ type, aggregateId, aggregateVersion, data }: NewEvent, n: number) {
  const { data: schema, version, aggregate } = EVENT_CATALOG[type];
  const result = schema.safeParse(data);
  if (!result.success) {
    const fields = result.error.issues.map((issue) => `${issue.path.join('.') || 'data'} (${issue.code})`);
    throw new InvalidEvent(`Not a ${type}: check ${fields.join(', ')}`);
  }
  return {
    n,
    id: newId('evt'),
    type,
    data_version: version,
    data: result.data,
    aggregate_type: aggregate,
    aggregate_id: aggregateId,
    aggregate_version: String(aggregateVersion),
  };
}
