import { type NewEvent, recordEvent } from '../../shared/events/recordEvent';
import { formatMoney } from '../../shared/money';
import type { Tx } from '../database';
import type { PlacedOrder } from './placedOrder';

interface OrderKey {
  tenantId: string;
  orderId: string;
}

/**
 * Recorded when the order's stock is reserved, and not when the order is written: an order that the catalog refuses never existed for
 * other services, and no name of a product that a caller made up leaves this one.
 */
export function createdEvent({ id: aggregateId, number, version: aggregateVersion, items }: PlacedOrder): NewEvent {
  const lines = items.map(({ variantId, quantity }) => ({ variantId, quantity }));
  return { type: 'order.created', aggregateId, aggregateVersion, data: { number, lines } };
}

/** @param aggregateVersion the order's version after its confirmation. */
export function confirmedEvent(order: PlacedOrder, aggregateVersion: number): NewEvent {
  const { id: aggregateId, number, items, totalAmount, currencyCode } = order;
  const total = formatMoney({ minorUnits: totalAmount ?? 0n, currencyCode: currencyCode ?? '' });
  const data = { number, total, lines: items.map(toLine) };
  return { type: 'order.confirmed', aggregateId, aggregateVersion, data };
}

/**
 * None for an order without items: no event has told of it before. Its lines are what was bought until now: an order.refunded
 * event has taken off what was refunded before. The caller has changed the order's status, so it holds the lock of its row.
 */
export async function canceledEvents(tx: Tx, key: OrderKey, wasConfirmed: boolean): Promise<NewEvent[]> {
  const { number, version: aggregateVersion, items } = await readOrder(tx, key);
  if (items.length === 0) return [];
  const refunded = wasConfirmed ? await countRefunded(tx, key) : new Map<number, number>();
  const left = items.map((item) => ({ ...item, quantity: item.quantity - (refunded.get(item.position) ?? 0) }));
  const data = { number, lines: wasConfirmed ? left.filter(({ quantity }) => quantity > 0).map(toLine) : [] };
  return [{ type: 'order.canceled', aggregateId: key.orderId, aggregateVersion, data }];
}

interface SucceededRefund extends OrderKey {
  minorUnits: bigint;
  currencyCode: string;
  /** Of the order's items, by their positions. */
  lines: { position: number; quantity: number }[];
  isComplete: boolean;
}

/** The refund counts as SUCCEEDED already. Without lines for a canceled order: its order.canceled event has taken off all of them. */
export async function recordRefundedEvent(tx: Tx, refund: SucceededRefund): Promise<void> {
  const { tenantId, orderId, isComplete } = refund;
  // So that a concurrent cancellation is before this event or after it.
  await tx.$queryRaw`SELECT 1 FROM orders WHERE tenant_id = ${tenantId} AND id = ${orderId} FOR UPDATE`;
  const { number, version: aggregateVersion, items, status } = await readOrder(tx, refund);
  const refundedLines = status === 'CANCELED' ? [] : refund.lines;
  const lines = refundedLines.flatMap(({ position, quantity }) =>
    items.filter((item) => item.position === position).map((item) => toLine({ ...item, quantity })),
  );
  const data = { number, amount: formatMoney(refund), isComplete, lines };
  await recordEvent(tx, { type: 'order.refunded', aggregateId: orderId, aggregateVersion, data });
}

const toLine = ({ productId, variantId, quantity }: { productId: string; variantId: string; quantity: number }) => ({
  productId,
  variantId,
  quantity,
});

/** How many of each item succeeded refunds were for, by its position. */
async function countRefunded(tx: Tx, { tenantId, orderId }: OrderKey): Promise<Map<number, number>> {
  const rows = await tx.$queryRaw<{ position: number; quantity: number }[]>`
    SELECT position, sum(quantity)::int AS quantity
    FROM order_refunds, jsonb_to_recordset(lines) AS line (position int, quantity int)
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND status = 'SUCCEEDED' GROUP BY position`;
  return new Map(rows.map(({ position, quantity }) => [position, quantity]));
}

const readOrder = (tx: Tx, { tenantId, orderId }: OrderKey) =>
  tx.order.findFirstOrThrow({
    where: { tenantId, id: orderId },
    select: {
      number: true,
      status: true,
      version: true,
      totalAmount: true,
      currencyCode: true,
      items: {
        select: { position: true, productId: true, variantId: true, quantity: true },
        orderBy: { position: 'asc' },
      },
    },
    relationLoadStrategy: 'join',
  });
