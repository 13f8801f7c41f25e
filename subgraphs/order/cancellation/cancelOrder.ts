import type { Actor } from '../../shared/callerContext';
import type { NewEvent } from '../../shared/events/recordEvent';
import { reopenCart } from '../cart/cartToOrder';
import type { Tx } from '../database';
import { returnCode } from '../discount/redeemCode';
import { canceledEvents } from '../orders/orderEvents';
import { changeStatus } from '../orders/orderStatus';

interface Cancellation extends Actor {
  tenantId: string;
  orderId: string;
  from: 'PENDING' | 'CONFIRMED';
  reason: string;
}

/**
 * Cancels an order, and gives back what it has taken in this database: the use of its discount code and, where it was never confirmed, the
 * cart that it was placed from. Its stock and its money are given back by its saga.
 * @returns the events to record; null when the order is not (any more) in `from`, or a part of it was fulfilled.
 */
export async function cancelOrder(
  tx: Tx,
  { tenantId, orderId, from, reason, actorId, impersonatorId }: Cancellation,
): Promise<NewEvent[] | null> {
  const isChanged = await changeStatus(tx, {
    tenantId,
    orderId,
    from,
    to: 'CANCELED',
    actorId,
    impersonatorId,
    note: reason,
    cancelReason: reason,
  });
  if (!isChanged) return null;
  await returnCode(tx, tenantId, orderId);
  if (from === 'PENDING') await reopenCart(tx, tenantId, orderId);
  return canceledEvents(tx, { tenantId, orderId }, from === 'CONFIRMED');
}
