import { runInScope } from '../../shared/scope';
import type { Db, Tx } from '../database';

const CONSUMER = 'clerk';

/**
 * What became of a delivery. `repeated`: it was taken in before. `outdated`: Clerk has said something newer already.
 * `ignored`: it is about nothing that is kept here.
 */
export type Outcome = 'applied' | 'repeated' | 'outdated' | 'ignored';

/**
 * Runs `effect` once for a delivery, however often and however late it comes: its id is kept in the transaction of the effect.
 * @param owner whose rows it is about: an organization's id, or a person's.
 */
export function takeInOnce(
  db: Db,
  owner: string,
  deliveryId: string,
  effect: (tx: Tx) => Promise<Outcome>,
): Promise<Outcome> {
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
