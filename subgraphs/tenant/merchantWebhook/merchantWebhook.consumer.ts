import type { EventConsumer, EventEffect } from '../../shared/events/consumer';
import { type DomainEvent, writeEvent } from '../../shared/events/domainEvent';
import { EVENT_CATALOG, type EventType } from '../../shared/events/eventCatalog';
import { sourceOf } from '../../shared/events/transport';
import { newId } from '../../shared/ids';
import type { Tx } from '../database';
import { DELIVERY_RETENTION_DAYS } from './deliveryQueue';
import { STORE_EVENT_TYPES } from './topics';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Adds a pending delivery for each of a store's subscriptions to an event. */
export const merchantWebhooks: EventConsumer<Tx> = {
  name: 'tenant.webhooks',
  // Deliveries may come in any order: a receiver to whom the order matters has the aggregate's version in each event.
  isCommutative: true,
  effects: Object.fromEntries(STORE_EVENT_TYPES.map((type) => [type, fanOut(type)])),
};

function fanOut(type: EventType): EventEffect<Tx, EventType> {
  return async (tx, event) => {
    // A replay of an event whose deliveries may be pruned already, so that the unique key would not stop a second one.
    if (Date.parse(event.time) < Date.now() - DELIVERY_RETENTION_DAYS * DAY_MS) return;
    const { tenantId } = event;
    // The lock makes a concurrent pause wait until this transaction ends, and then fail the delivery that it has added.
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

/** The event as docs/EVENTS.md describes it, without the fields for this system's own consumers. */
const writeStoreEvent = (event: DomainEvent, type: EventType): string =>
  writeEvent({ ...event, previousVersion: null, traceParent: null }, sourceOf(EVENT_CATALOG[type].source));
