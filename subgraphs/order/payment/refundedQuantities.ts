import type { Tx } from '../database';

/** A quantity of the order's item at this position. */
export interface RefundLine {
  position: number;
  quantity: number;
}

/** How many of each item were refunded, pending refunds included, by the item's position. */
export async function refundedQuantities(tx: Tx, tenantId: string, orderId: string): Promise<Map<number, number>> {
  const where = { tenantId, orderId, status: { not: 'FAILED' as const } };
  const refunds = await tx.orderRefund.findMany({ where, select: { lines: true } });
  const counts = new Map<number, number>();
  for (const { position, quantity } of refunds.flatMap(({ lines }) => lines)) {
    counts.set(position, (counts.get(position) ?? 0) + quantity);
  }
  return counts;
}
