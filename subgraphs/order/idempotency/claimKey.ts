import { claimOrFind } from '../../shared/idempotency';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { IdempotencyKey } from '../generated/prisma/client';

interface KeyedRequest {
  operation: 'orderCancel' | 'orderRefund' | 'orderPaymentCapture';
  key: string;
  /** The whole request, to be compared with a repeat. */
  request: unknown;
  orderId: string;
  refundId?: string;
}

/**
 * Claims a staff member's idempotency key in the transaction of the operation, and waits for a concurrent transaction that is claiming
 * the same key. A refused request rolls its claim back, so that the key can be used again.
 * @returns null when the key is claimed now; the stored row when the same request claimed it before.
 * @throws UserErrors IDEMPOTENCY_CONFLICT when another request claimed it.
 */
export async function claimKey(
  ctx: Context,
  tx: Tx,
  { operation, key, request, orderId, refundId }: KeyedRequest,
): Promise<IdempotencyKey | null> {
  const where = { tenantId: ctx.tenantId, callerId: ctx.caller.userId ?? '', operation, key };
  const { stored } = await claimOrFind({
    request,
    claim: async (requestHash) => {
      const data = { ...where, requestHash, orderId, refundId: refundId ?? null };
      const { count } = await tx.idempotencyKey.createMany({ data: [data], skipDuplicates: true });
      return count > 0 ? key : null;
    },
    find: () => tx.idempotencyKey.findFirst({ where }),
  });
  return stored;
}
