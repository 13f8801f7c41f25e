import { runInScope } from '../../shared/scope';
import type { Db, Tx } from '../database';

const CONSUMER = 'clerk';

/**
 * The result of processing a delivery. `repeated`: it was processed before. `outdated`: a newer delivery about the same object was
 * processed before. `ignored`: it concerns nothing that is stored here.
 */
export type DeliveryResult = 'applied' | 'repeated' | 'outdated' | 'ignored';

/**
 * Idempotent: runs `effect` once for a delivery, however often it is received, since its id is stored in the transaction of the effect.
 * @param owner the id of the organization or person whose rows it concerns.
 */
export function processOnce(
  db: Db,
  owner: string,
  deliveryId: string,
  effect: (tx: Tx) => Promise<DeliveryResult>,
): Promise<DeliveryResult> {
  return runInScope({ tenantId: owner }, () =>
    db.$transaction(async (tx) => {
      const { count } = await tx.inboxEvent.createMany({
        data: [{ tenantId: owner, consumer: CONSUMER, eventId: deliveryId }],
        skipDuplicates: true,
      });
      return count === 0 ? 'repeated' : effect(tx);
    }),
  );
}
