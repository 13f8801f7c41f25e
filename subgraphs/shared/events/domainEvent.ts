import { CloudEvent, type CloudEventV1 } from 'cloudevents';
import { z } from 'zod';
import type { EventData, EventType } from './eventCatalog';

/** A published event. Its `type` may be unknown to this version of the system. */
export interface DomainEvent<Data = unknown> {
  /** `evt_…`; stays the same when the event is published again. */
  id: string;
  type: string;
  tenantId: string;
  aggregateType: string;
  aggregateId: string;
  aggregateVersion: number;
  /** The `aggregateVersion` of the same aggregate's previous event; null when there was none, or it is no longer stored. */
  previousVersion: number | null;
  /** The schema version of `data`. */
  dataVersion: number;
  /** RFC 3339. */
  time: string;
  /** W3C trace context of the request that made the change. */
  traceParent: string | null;
  data: Data;
}

/** An event of a type in the catalog, with validated data. */
export type KnownEvent<Type extends EventType = EventType> = Type extends EventType
  ? DomainEvent<EventData<Type>> & { type: Type }
  : never;

/** The media type of a CloudEvent in JSON that includes its data (structured mode). */
export const EVENT_CONTENT_TYPE = 'application/cloudevents+json';
/** The media type of several CloudEvents in a JSON array (batched mode). */
export const EVENTS_CONTENT_TYPE = 'application/cloudevents-batch+json';

/** A message that is no event of this system, so a retry can't help. The error message names fields, but no values. */
export class UnreadableEvent extends Error {}

/** Formats an event as JSON of CloudEvents 1.0, whose extension attributes, such as ours, must have lower-case names. */
export function writeEvent(event: DomainEvent, source: string): string {
  const cloudEvent = new CloudEvent({
    id: event.id,
    type: event.type,
    source,
    subject: event.aggregateId,
    time: event.time,
    datacontenttype: 'application/json',
    tenantid: event.tenantId,
    aggregatetype: event.aggregateType,
    // A string, since an integer in CloudEvents has only 32 bits.
    aggregateversion: String(event.aggregateVersion),
    ...(event.previousVersion !== null && { previousversion: String(event.previousVersion) }),
    dataversion: event.dataVersion,
    ...(event.traceParent !== null && { traceparent: event.traceParent }),
    data: event.data,
  });
  return JSON.stringify(cloudEvent);
}

const version = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number);
const name = z.string().regex(/^[\w.:-]{1,200}$/);

const attributes = z.object({
  id: name,
  type: name,
  source: z.string().max(200),
  subject: name,
  time: z.iso.datetime({ offset: true }),
  tenantid: name,
  aggregatetype: name,
  aggregateversion: version,
  previousversion: version.optional(),
  dataversion: z.int().min(1),
  traceparent: z.string().max(100).optional(),
});

/** A message's event, and the subgraph that claims to have sent it. */
export interface ReadEvent {
  event: DomainEvent;
  source: string;
}

/** Parses a message with one event or a batch. @throws UnreadableEvent */
export function readEvents(body: string): ReadEvent[] {
  const value = parseJson(body);
  return (Array.isArray(value) ? value : [value]).map(readCloudEvent);
}

function readCloudEvent(value: unknown): ReadEvent {
  const { data, ...rest } = asCloudEvent(value);
  const result = attributes.safeParse(rest);
  if (!result.success) {
    const fields = result.error.issues.map((issue) => issue.path.join('.') || 'the event');
    throw new UnreadableEvent(`Not an event of this system: check ${fields.join(', ')}`);
  }
  const it = result.data;
  const event = {
    id: it.id,
    type: it.type,
    tenantId: it.tenantid,
    aggregateType: it.aggregatetype,
    aggregateId: it.subject,
    aggregateVersion: it.aggregateversion,
    previousVersion: it.previousversion ?? null,
    dataVersion: it.dataversion,
    time: it.time,
    traceParent: it.traceparent ?? null,
    data,
  };
  return { event, source: it.source };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new UnreadableEvent('Not JSON');
  }
}

function asCloudEvent(value: unknown): CloudEventV1<unknown> {
  try {
    return new CloudEvent(value as Partial<CloudEventV1<unknown>>) as CloudEventV1<unknown>;
  } catch (error) {
    throw new UnreadableEvent(`Not a CloudEvent: ${(error as Error).name}`);
  }
}
