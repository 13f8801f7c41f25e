import type { Tx } from '../database';
import type { OrderItem } from '../generated/prisma/client';

/** A quantity of the order's item at this position, as a refund names it. */
export interface RefundLine {
  position: number;
  quantity: number;
  /** Whether it had been sent, and comes back. Absent in rows from before this was told apart: what was not sent was taken first. */
  sent?: boolean;
  /** Nothing is paid back for it. */
  unpaid?: true;
}

export interface RefundedQuantity {
  all: number;
  /** Those of `all` that had been sent. */
  sent: number;
}

/** How many of each item were refunded, pending refunds included, by the item's position. */
export async function refundedQuantities(
  tx: Tx,
  tenantId: string,
  orderId: string,
): Promise<Map<number, RefundedQuantity>> {
  const where = { tenantId, orderId, status: { not: 'FAILED' as const } };
  const refunds = await tx.orderRefund.findMany({ where, select: { lines: true } });
  return refundedByPosition(refunds);
}

export function refundedByPosition(refunds: readonly { lines: RefundLine[] }[]): Map<number, RefundedQuantity> {
  const counts = new Map<number, RefundedQuantity>();
  for (const { position, quantity, sent } of refunds.flatMap(({ lines }) => lines)) {
    const before = counts.get(position) ?? NONE_REFUNDED;
    counts.set(position, { all: before.all + quantity, sent: before.sent + (sent ? quantity : 0) });
  }
  return counts;
}

export const NONE_REFUNDED: RefundedQuantity = { all: 0, sent: 0 };

/** How many of an item are still to be sent. Those that were sent and came back do not count against it. */
export function quantityToSend(
  { quantity, fulfilledQuantity }: Pick<OrderItem, 'quantity' | 'fulfilledQuantity'>,
  { all, sent }: RefundedQuantity = NONE_REFUNDED,
): number {
  return Math.max(0, quantity - fulfilledQuantity - (all - sent));
}

/**
 * After a fulfillment was canceled: what came back of it had not been sent, and is not sent again.
 * @param items with what is still fulfilled of them.
 */
export async function unsendRefunded(
  tx: Tx,
  { tenantId, id: orderId }: { tenantId: string; id: string },
  items: Pick<OrderItem, 'position' | 'fulfilledQuantity'>[],
): Promise<void> {
  const where = { tenantId, orderId, status: { not: 'FAILED' as const } };
  const refunds = await tx.orderRefund.findMany({ where, select: { id: true, lines: true } });
  const counts = refundedByPosition(refunds);
  const excess = new Map(
    items.map(({ position, fulfilledQuantity }) => [position, (counts.get(position)?.sent ?? 0) - fulfilledQuantity]),
  );
  for (const { id, lines } of refunds) {
    const changed = lines.flatMap((line): RefundLine[] => {
      const unsent = line.sent ? Math.min(line.quantity, Math.max(0, excess.get(line.position) ?? 0)) : 0;
      if (unsent === 0) return [line];
      excess.set(line.position, (excess.get(line.position) ?? 0) - unsent);
      const still = { ...line, quantity: line.quantity - unsent };
      return [{ ...line, quantity: unsent, sent: false }, ...(still.quantity > 0 ? [still] : [])];
    });
    if (changed.some((line, index) => line !== lines[index])) {
      await tx.orderRefund.updateMany({ where: { tenantId, id }, data: { lines: changed } });
    }
  }
}
