import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import type { Db } from '../database';
import type { SecretBox } from '../dependencies';
import { type ClaimedDelivery, claimDeliveries, listDue, type SubscriptionKey, writeOutcome } from './deliveryLog';
import type { WebhookSender } from './webhookSender';

const POLL_MS = 250;
/** Each has a few requests under way: an address that is slow holds up its own subscription, and no other. */
const SUBSCRIPTIONS_CONCURRENCY = 128;
const REQUESTS_CONCURRENCY = 4;
/** After so long the next poll decides anew who is served. */
const WORK_MS = 10_000;

export interface Deliveries {
  db: Db;
  sender: WebhookSender;
  secrets: SecretBox;
  logger: Logger;
}

/** Sends what is due to stores' webhooks, for as long as the process lives. Any number of processes may; each delivery is one's. */
export function startWebhookDeliveries(deliveries: Deliveries): PeriodicTask {
  const { db, sender, logger } = deliveries;
  const underWay = new Map<string, Promise<void>>();
  const rounds = startPeriodicTask({
    name: 'webhook deliveries',
    everyMs: POLL_MS,
    logger,
    run: async (stopping) => {
      const due = await listDue(db, SUBSCRIPTIONS_CONCURRENCY);
      for (const subscription of due) {
        const key = subscription.subscriptionId;
        if (underWay.has(key) || underWay.size >= SUBSCRIPTIONS_CONCURRENCY) continue;
        const work = deliverDue(deliveries, subscription, stopping)
          .catch((error: unknown) => logger.error({ err: error }, 'webhook deliveries failed; they are tried again'))
          .finally(() => underWay.delete(key));
        underWay.set(key, work);
      }
      return false;
    },
  });
  return {
    stop: async () => {
      await rounds.stop();
      await Promise.all(underWay.values());
      await sender.close();
    },
  };
}

/** Sends what is due for one subscription, until there is no more, or one was not taken: the others would not be either. */
export async function deliverDue(
  { db, sender, secrets, logger }: Deliveries,
  subscription: SubscriptionKey,
  stopping?: AbortSignal,
): Promise<void> {
  const until = performance.now() + WORK_MS;
  const deliver = async (delivery: ClaimedDelivery): Promise<boolean> => {
    const { tenantId, subscriptionId: id, eventId, url, body } = delivery;
    const sealed = [delivery.secret, delivery.previousSecret].filter((secret) => secret !== null);
    const opened = sealed.map((secret) => secrets.open(secret, { tenantId, id }));
    const outcome = await sender.send({ url, eventId, body, secrets: opened });
    if (await writeOutcome(db, delivery, outcome)) {
      logger.warn({ tenantId, subscription: id, reason: outcome.error }, 'webhook disabled: its address takes nothing');
    }
    return outcome.isTaken;
  };
  while (!stopping?.aborted && performance.now() < until) {
    const claimed = await claimDeliveries(db, subscription, REQUESTS_CONCURRENCY);
    const taken = await Promise.all(claimed.map(deliver));
    if (claimed.length < REQUESTS_CONCURRENCY || taken.includes(false)) return;
  }
}
