import type { Tx } from '../database';
import { changeFinancialStatus } from '../orders/orderStatus';

/**
 * The financial status of an order after a refund. Counts SUCCEEDED refunds only. @returns whether all that was paid, captured or with
 * credit, is refunded.
 */
export async function updateRefundedStatus(
  tx: Tx,
  { tenantId, orderId, actorId }: { tenantId: string; orderId: string; actorId: string | null },
): Promise<boolean> {
  const [sums] = await tx.$queryRaw<{ complete: boolean }[]>`
    SELECT coalesce((SELECT captured_amount FROM payments WHERE tenant_id = ${tenantId} AND order_id = ${orderId}), 0)
      + coalesce((SELECT sum(amount) FROM order_credits WHERE tenant_id = ${tenantId} AND order_id = ${orderId}), 0)
      <= (SELECT sum(amount) FROM order_refunds WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND status = 'SUCCEEDED') AS complete`;
  const to = sums?.complete ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
  await changeFinancialStatus(tx, { tenantId, orderId, actorId, to });
  return to === 'REFUNDED';
}
