import { AUDIENCES, type Audience } from '../caller';
import { deriveKey, isSigned, sign } from '../hmac';
import { type DomainEvent, type ReadEvent, readEvents, UnreadableEvent } from './domainEvent';
import { EVENT_CATALOG, isEventType } from './eventCatalog';
import { sourceOf } from './transport';

/** Where a message has its proof, on both transports. */
export const EVENT_PROOF_HEADER = 'x-event-signature';

/** Shows that an event is as one subgraph has sent it, for one store, however long it was on its way. */
export interface EventSigner {
  sign(source: Audience, tenantId: string, body: string): string;
  /**
   * The event in `body`. @param tenantId the store that its message is for. @throws UnreadableEvent when it is none of ours, is another
   * store's, or is of a subgraph whose events these are not.
   */
  read(body: string, tenantId: unknown, proof: unknown): DomainEvent;
  /** As `read`, of a message that may have several events. */
  readAll(body: string, tenantId: unknown, proof: unknown): DomainEvent[];
}

/** @param signingKey that of callers, which proves no event itself: each subgraph's events have a key that is derived from it. */
export function createEventSigner(signingKey: string): EventSigner {
  const keys = new Map(AUDIENCES.map((source) => [sourceOf(source), deriveKey(signingKey, `events of ${source}`)]));
  const keyOf = (source: string) => {
    const key = keys.get(source);
    if (!key) throw new UnreadableEvent('The event is of no service of this system');
    return key;
  };
  const signed = (tenantId: string, body: string) => `${tenantId}\n${body}`;
  const refuse = ({ event, source }: ReadEvent, body: string, tenantId: unknown, proof: unknown) => {
    if (tenantId !== event.tenantId) throw new UnreadableEvent('The event is of another store than its message');
    if (typeof proof !== 'string' || !isSigned(keyOf(source), signed(event.tenantId, body), proof)) {
      throw new UnreadableEvent('The event is not proven to be of the service that it names');
    }
    if (isEventType(event.type) && sourceOf(EVENT_CATALOG[event.type].source) !== source) {
      throw new UnreadableEvent(`It is not for ${source} to tell of a ${event.type}`);
    }
  };
  const readAll: EventSigner['readAll'] = (body, tenantId, proof) => {
    const read = readEvents(body);
    for (const each of read) refuse(each, body, tenantId, proof);
    return read.map(({ event }) => event);
  };
  return {
    sign: (source, tenantId, body) => sign(keyOf(sourceOf(source)), signed(tenantId, body)),
    read: (...message) => {
      const [event, ...others] = readAll(...message);
      if (!event || others.length > 0) throw new UnreadableEvent('Not one event');
      return event;
    },
    readAll,
  };
}
