import { CloudEvent, type CloudEventV1 } from 'cloudevents';
import { z } from 'zod';
import type { EventData, EventType } from './eventCatalog';

/** One event as it is published. Its `type` may be one that this version of the system does not know. */
export interface DomainEvent<Data = unknown> {
  /** `evt_…`: the same whenever the event is published again. */
  id: string;
  type: string;
  tenantId: string;
  aggregateType: string;
  aggregateId: string;
  aggregateVersion: number;
  /** The `aggregateVersion` of the previous event of the same aggregate; null when there was none, or none is kept. */
  previousVersion: number | null;
  /** The schema version of `data`. */
  dataVersion: number;
  /** RFC 3339. */
  time: string;
  /** W3C trace context of the request that made the change. */
  traceParent: string | null;
  data: Data;
}

/** An event of one type of the catalog, its data checked. */
export type KnownEvent<Type extends EventType = EventType> = Type extends EventType
  ? DomainEvent<EventData<Type>> & { type: Type }
  : never;

/** The media type of a CloudEvent in JSON, data and all. */
export const EVENT_CONTENT_TYPE = 'application/cloudevents+json';
/** The media type of several, in a JSON array. */
export const EVENTS_CONTENT_TYPE = 'application/cloudevents-batch+json';

/** A message that is no event of this system: no retry can help. Names fields, and no values. */
export class UnreadableEvent extends Error {}

/** The event in the JSON format of CloudEvents 1.0. Our own attributes are extensions, whose names are in lower case by that standard. */
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
    // An integer of CloudEvents has 32 bits.
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

/** What a message says, and which subgraph it claims to be from. */
export interface ReadEvent {
  event: DomainEvent;
  source: string;
}

/** The event of a message, or the events of a batch. @throws UnreadableEvent */
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
