import { type NewEvent, recordEvent } from '../../shared/events/recordEvent';
import { formatMoney } from '../../shared/money';
import type { Tx } from '../database';
import type { Confirmation, PlacedOrder } from './placedOrder';

interface OrderKey {
  tenantId: string;
  orderId: string;
}

/**
 * Recorded when the order's stock is reserved, not when the order is written: other services get no event of an order that the catalog
 * refuses, nor product ids that a client made up.
 */
export function createdEvent({ id: aggregateId, number, version: aggregateVersion, items }: PlacedOrder): NewEvent {
  const lines = items.map(({ variantId, quantity }) => ({ variantId, quantity }));
  return { type: 'order.created', aggregateId, aggregateVersion, data: { number, lines } };
}

export function confirmedEvent(order: PlacedOrder, { number, version: aggregateVersion }: Confirmation): NewEvent {
  const { id: aggregateId, items, totalAmount, currencyCode } = order;
  const total = formatMoney({ minorUnits: totalAmount ?? 0n, currencyCode: currencyCode ?? '' });
  const data = { number, total, lines: items.map(toLine) };
  return { type: 'order.confirmed', aggregateId, aggregateVersion, data };
}

/**
 * None for an order without items, because it had no order.created either. Its lines are the items without those that earlier
 * order.refunded events had. The caller has changed the order's status, so it has the lock of its row.
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
  /** The refunded quantities, by the item's position. */
  lines: { position: number; quantity: number }[];
  isComplete: boolean;
}

/** To be called after the refund became SUCCEEDED. No lines for a canceled order: its order.canceled event had all of them. */
export async function recordRefundedEvent(tx: Tx, refund: SucceededRefund): Promise<void> {
  const { tenantId, orderId, isComplete } = refund;
  // Serializes with a concurrent cancellation, whose event has the lines without those of earlier refunds.
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

/** How many of each item were refunded by SUCCEEDED refunds, by position. */
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
