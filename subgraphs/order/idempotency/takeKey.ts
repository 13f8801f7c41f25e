import { UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { OrderErrorCode } from '../generated/resolvers';
import { refuseOtherInput } from './idempotencyKey';

interface KeyedRequest {
  operation: 'orderCancel' | 'orderRefund';
  key: string;
  hash: string;
  orderId: string;
  refundId?: string;
}

/**
 * Takes a staff member's key in the transaction of what it stands for; waits for another that is taking the same. What is
 * refused takes no key: nothing has happened, so the same key may be sent again.
 * @returns false when it was taken before, for the same input. @throws UserErrors when it was for another.
 */
export async function takeKey(ctx: Context, tx: Tx, request: KeyedRequest): Promise<boolean> {
  const { operation, key, hash, orderId, refundId = null } = request;
  if (key.length < 8 || key.length > 255) {
    const message = 'Expected 8 to 255 characters.';
    throw new UserErrors<OrderErrorCode>({ field: ['input', 'idempotencyKey'], code: 'INVALID', message });
  }
  const owned = { tenantId: ctx.tenantId, callerId: ctx.caller.userId ?? '', operation, key };
  const { count } = await tx.idempotencyKey.createMany({
    data: [{ ...owned, requestHash: hash, orderId, refundId }],
    skipDuplicates: true,
  });
  if (count > 0) return true;
  const earlier = await tx.idempotencyKey.findFirstOrThrow({ where: owned });
  refuseOtherInput(earlier.requestHash, hash);
  return false;
}
