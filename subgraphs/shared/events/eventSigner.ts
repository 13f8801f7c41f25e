import { AUDIENCES, type Audience } from '../caller';
import { deriveKeys, isSignedWith, type Secret, signWith } from '../hmac';
import { type DomainEvent, type ReadEvent, readEvents, UnreadableEvent } from './domainEvent';
import { EVENT_CATALOG, isEventType } from './eventCatalog';
import { sourceOf } from './transport';

/** The header of a message's signature, on both transports. */
export const EVENT_SIGNATURE_HEADER = 'x-event-signature';

/** Signs events, which proves to consumers which subgraph has published them for which store. A signature does not expire. */
export interface EventSigner {
  sign(source: Audience, tenantId: string, body: string): string;
  /**
   * Verifies and parses the event in `body`. @param tenantId the store that the message is for. @throws UnreadableEvent when the event is
   * malformed, of another store, not signed by the subgraph that it names, or of a type that another subgraph publishes.
   */
  read(body: string, tenantId: unknown, signature: unknown): DomainEvent;
  /** As `read`, for a message with any number of events. */
  readAll(body: string, tenantId: unknown, signature: unknown): DomainEvent[];
}

/** @param signingKey the secret of caller envelopes. Each subgraph's events have a key derived from it, so an envelope's signature is never valid for an event. */
export function createEventSigner(signingKey: Secret): EventSigner {
  const keys = new Map(AUDIENCES.map((source) => [sourceOf(source), deriveKeys(signingKey, `events of ${source}`)]));
  const keyOf = (source: string) => {
    const key = keys.get(source);
    if (!key) throw new UnreadableEvent('The event is of no service of this system');
    return key;
  };
  const signed = (tenantId: string, body: string) => `${tenantId}\n${body}`;
  const verify = ({ event, source }: ReadEvent, body: string, tenantId: unknown, signature: unknown) => {
    if (tenantId !== event.tenantId) throw new UnreadableEvent('The event is of another store than its message');
    if (typeof signature !== 'string' || !isSignedWith(keyOf(source), signed(event.tenantId, body), signature)) {
      throw new UnreadableEvent('The event is not signed by the service that it names');
    }
    if (isEventType(event.type) && sourceOf(EVENT_CATALOG[event.type].source) !== source) {
      throw new UnreadableEvent(`${source} does not publish a ${event.type}`);
    }
  };
  const readAll: EventSigner['readAll'] = (body, tenantId, signature) => {
    const read = readEvents(body);
    for (const each of read) verify(each, body, tenantId, signature);
    return read.map(({ event }) => event);
  };
  return {
    sign: (source, tenantId, body) => signWith(keyOf(sourceOf(source)), signed(tenantId, body)),
    read: (...message) => {
      const [event, ...others] = readAll(...message);
      if (!event || others.length > 0) throw new UnreadableEvent('Not one event');
      return event;
    },
    readAll,
  };
}
