import type { Db, Tx } from '../../database';
import type { StripeEventResult } from './stripeEvent';

const CONSUMER = 'stripe';

/** Processes an event once, by the inbox. An event without effect is not stored there, so that a repeat may have an effect. */
export function processOnce(
  db: Db,
  { tenantId, eventId }: { tenantId: string; eventId: string },
  effect: (tx: Tx) => Promise<StripeEventResult>,
): Promise<StripeEventResult> {
  return db.$transaction(async (tx): Promise<StripeEventResult> => {
    const data = [{ tenantId, consumer: CONSUMER, eventId }];
    const { count } = await tx.inboxEvent.createMany({ data, skipDuplicates: true });
    if (count === 0) return 'repeated';
    const outcome = await effect(tx);
    if (outcome === 'ignored') await tx.inboxEvent.deleteMany({ where: { tenantId, consumer: CONSUMER, eventId } });
    return outcome;
  });
}
