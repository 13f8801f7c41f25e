import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { inSpan, withTrace } from '../../shared/trace';
import type { SecretBox } from '../../shared/webhooks/secretBox';
import type { Db } from '../database';
import { type ClaimedDelivery, claimDeliveries, listDue, recordAttempt, type SubscriptionKey } from './deliveryQueue';
import { webhookAttempts } from './webhookMetrics';
import type { WebhookSender } from './webhookSender';

const POLL_MS = 250;
/** How many subscriptions are served concurrently. Each has only few requests in flight, so a slow address delays only its own deliveries. */
const SUBSCRIPTIONS_CONCURRENCY = 128;
const REQUESTS_CONCURRENCY = 4;
/** For fairness, a subscription that was served for this long waits for the next poll. */
const MAX_WORK_MS = 10_000;

export interface Deliveries {
  db: Db;
  sender: WebhookSender;
  secrets: SecretBox;
  logger: Logger;
}

/** Periodically sends due deliveries. Several processes may run it concurrently: each delivery is leased by one of them. */
export function startWebhookDeliveries(deliveries: Deliveries): PeriodicTask {
  const { db, sender, logger } = deliveries;
  const inFlight = new Map<string, Promise<void>>();
  const task = startPeriodicTask({
    name: 'webhook deliveries',
    everyMs: POLL_MS,
    logger,
    run: async (stopping) => {
      const due = await listDue(db, SUBSCRIPTIONS_CONCURRENCY);
      for (const subscription of due) {
        const key = subscription.subscriptionId;
        if (inFlight.has(key) || inFlight.size >= SUBSCRIPTIONS_CONCURRENCY) continue;
        const work = deliverDue(deliveries, subscription, stopping)
          .catch((error: unknown) => logger.error({ err: error }, 'webhook deliveries failed; they are tried again'))
          .finally(() => inFlight.delete(key));
        inFlight.set(key, work);
      }
      return false;
    },
  });
  return {
    stop: async () => {
      await task.stop();
      await Promise.all(inFlight.values());
      await sender.close();
    },
  };
}

/** Sends a subscription's due deliveries until none is left or one fails, since the others would probably fail, too. */
export async function deliverDue(
  { db, sender, secrets, logger }: Deliveries,
  subscription: SubscriptionKey,
  stopping?: AbortSignal,
): Promise<void> {
  const until = performance.now() + MAX_WORK_MS;
  const deliver = async (delivery: ClaimedDelivery): Promise<boolean> => {
    const { tenantId, subscriptionId: id, eventId, url, body } = delivery;
    const sealed = [delivery.secret, delivery.previousSecret].filter((secret) => secret !== null);
    const opened = sealed.map((secret) => secrets.open(secret, { tenantId, id }));
    const result = await inSpan('deliver webhook', 'CLIENT', { 'tenant.id': tenantId }, async (span) => {
      const sent = await sender.send({ url, eventId, body, secrets: opened });
      span?.set({ 'http.response.status_code': sent.status ?? undefined });
      return sent;
    });
    const isDisabled = await recordAttempt(db, delivery, result);
    webhookAttempts.inc({ outcome: result.isDelivered ? 'delivered' : isDisabled ? 'disabled' : 'failed' });
    if (isDisabled) {
      logger.warn({ tenantId, subscription: id, reason: result.error }, 'webhook disabled: every attempt failed');
    }
    return result.isDelivered;
  };
  while (!stopping?.aborted && performance.now() < until) {
    const claimed = await claimDeliveries(db, subscription, REQUESTS_CONCURRENCY);
    const delivered = await Promise.all(claimed.map((one) => withTraceOf(one, () => deliver(one))));
    if (claimed.length < REQUESTS_CONCURRENCY || delivered.includes(false)) return;
  }
}

const withTraceOf = <Result>({ traceParent }: ClaimedDelivery, work: () => Result): Result =>
  traceParent === null ? work() : withTrace(traceParent, work);
