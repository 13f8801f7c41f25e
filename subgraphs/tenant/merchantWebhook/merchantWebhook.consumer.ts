import type { EventConsumer, EventEffect } from '../../shared/events/consumer';
import { type DomainEvent, writeEvent } from '../../shared/events/domainEvent';
import { EVENT_CATALOG, type EventType } from '../../shared/events/eventCatalog';
import { sourceOf } from '../../shared/events/transport';
import { newId } from '../../shared/ids';
import type { Tx } from '../database';
import { KEPT_DELIVERIES_DAYS } from './deliveryLog';
import { STORE_EVENT_TYPES } from './topics';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Writes down, for each of a store's subscriptions to an event, that it is to be told of it. */
export const merchantWebhooks: EventConsumer<Tx> = {
  name: 'tenant.webhooks',
  // A store is told of everything; each event has its aggregate's version, for whom the order matters to.
  isCommutative: true,
  effects: Object.fromEntries(STORE_EVENT_TYPES.map((type) => [type, fanOut(type)])),
};

function fanOut(type: EventType): EventEffect<Tx, EventType> {
  return async (tx, event) => {
    // A replay of what the log has forgotten is no news.
    if (Date.parse(event.time) < Date.now() - KEPT_DELIVERIES_DAYS * DAY_MS) return;
    const { tenantId } = event;
    // Held until this is written: whoever pauses a subscription meanwhile waits, and then finds what was written.
    const subscriptions = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM webhook_subscriptions
      WHERE tenant_id = ${tenantId} AND status = 'ACTIVE' AND ${type} = ANY(topics) ORDER BY id FOR SHARE`;
    if (subscriptions.length === 0) return;
    const body = writeStoreEvent(event, type);
    await tx.eventDelivery.createMany({
      data: subscriptions.map(({ id }) => ({
        tenantId,
        id: newId('edel'),
        subscriptionId: id,
        eventId: event.id,
        topic: type,
        body,
      })),
      skipDuplicates: true,
    });
  };
}

/** The event as docs/EVENTS.md has it, without what only this system's own consumers can make something of. */
const writeStoreEvent = (event: DomainEvent, type: EventType): string =>
  writeEvent({ ...event, previousVersion: null, traceParent: null }, sourceOf(EVENT_CATALOG[type].source));
