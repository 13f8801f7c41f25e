import type { EventConsumer, EventEffect } from '../../shared/events/consumer';
import { type DomainEvent, writeEvent } from '../../shared/events/domainEvent';
import { EVENT_CATALOG, type EventType } from '../../shared/events/eventCatalog';
import { sourceOf } from '../../shared/events/transport';
import { newId } from '../../shared/ids';
import { currentTrace } from '../../shared/trace';
import type { Tx } from '../database';
import { DELIVERY_RETENTION_DAYS } from './deliveryQueue';
import { STORE_EVENT_TYPES } from './topics';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Adds a pending delivery for each of a store's subscriptions to an event. */
export const merchantWebhooks: EventConsumer<Tx> = {
  name: 'tenant.webhooks',
  // Deliveries may arrive in any order. Each event has its aggregate's version, so receivers can restore the order.
  isCommutative: true,
  effects: Object.fromEntries(STORE_EVENT_TYPES.map((type) => [type, fanOut(type)])),
};

function fanOut(type: EventType): EventEffect<Tx, EventType> {
  return async (tx, event) => {
    // A replay of such an old event may find its deliveries pruned, so the unique key would not prevent a second delivery.
    if (Date.parse(event.time) < Date.now() - DELIVERY_RETENTION_DAYS * DAY_MS) return;
    const { tenantId } = event;
    // The lock makes a concurrent pause wait for this transaction; it then also fails the delivery that is added here.
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
        traceParent: currentTrace(),
      })),
      skipDuplicates: true,
    });
  };
}

/** The event as docs/EVENTS.md describes it, without the fields for this system's own consumers. */
const writeStoreEvent = (event: DomainEvent, type: EventType): string =>
  writeEvent({ ...event, previousVersion: null, traceParent: null }, sourceOf(EVENT_CATALOG[type].source));
