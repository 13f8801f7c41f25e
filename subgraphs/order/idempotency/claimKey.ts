import { claimOrFind, idempotencyKeyFaults } from '../../shared/idempotency';
import { throwIfAny } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { IdempotencyKey } from '../generated/prisma/client';

interface KeyedRequest {
  operation: 'orderCancel' | 'orderRefund';
  key: string;
  /** All that the client asks for. */
  request: unknown;
  orderId: string;
  refundId?: string;
}

/**
 * Claims a staff member's key in the transaction of what is done under it, and waits for a transaction that is claiming the
 * same one. A request that is refused rolls back and claims no key: it may be sent again under the same one.
 * @returns null when the key is claimed now, or else what was stored when the same request claimed it before.
 * @throws UserErrors IDEMPOTENCY_CONFLICT when that was another request, INVALID when the key is too short or too long.
 */
export async function claimKey(
  ctx: Context,
  tx: Tx,
  { operation, key, request, orderId, refundId }: KeyedRequest,
): Promise<IdempotencyKey | null> {
  throwIfAny(idempotencyKeyFaults(key));
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
