import type { Actor } from '../../shared/callerContext';
import type { NewEvent } from '../../shared/events/recordEvent';
import { reopenCart } from '../cart/cartToOrder';
import { refundRemainingCredit, returnCredit } from '../credit/orderCredit';
import type { Tx } from '../database';
import { returnCodes } from '../discount/redeemCode';
import { canceledEvents } from '../orders/orderEvents';
import { changeStatus } from '../orders/orderStatus';

interface Cancellation extends Actor {
  tenantId: string;
  orderId: string;
  from: 'PENDING' | 'CONFIRMED';
  reason: string;
  /** Whether what was paid goes back, when it was confirmed. */
  refund: boolean;
}

/**
 * Cancels an order, returns the use of its discount code, gives its gift cards and store credit back and, when it was never confirmed,
 * reopens its cart. Its saga releases the stock and voids or refunds the payment.
 * @returns the events to record; null when the order's status is not `from`, or a part of it was fulfilled.
 */
export async function cancelOrder(
  tx: Tx,
  { tenantId, orderId, from, reason, refund, actorId, impersonatorId }: Cancellation,
): Promise<NewEvent[] | null> {
  const isChanged = await changeStatus(tx, {
    tenantId,
    orderId,
    from,
    to: 'CANCELED',
    actorId,
    impersonatorId,
    reason,
    cancelReason: reason,
  });
  if (!isChanged) return null;
  await returnCodes(tx, tenantId, orderId);
  if (from === 'PENDING') {
    await returnCredit(tx, { tenantId, orderId });
    await reopenCart(tx, tenantId, orderId);
  } else if (refund) await refundRemainingCredit(tx, { tenantId, orderId });
  return canceledEvents(tx, { tenantId, orderId }, from === 'CONFIRMED');
}
