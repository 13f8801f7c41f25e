import { recordEvent } from '../../shared/events/recordEvent';
import { fencedLease } from '../../shared/lease';
import { runInScope } from '../../shared/scope';
import type { Db, Tx } from '../database';
import type { AttemptResult } from './webhookSender';

/** How long deliveries are kept in the log. */
export const DELIVERY_RETENTION_DAYS = 30;
/**
 * Exponential backoff as Standard Webhooks recommend: seconds between two attempts. The last attempt is about three days after the first.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
const BACK_OFF_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
const MAX_ATTEMPTS = BACK_OFF_SECONDS.length + 1;
/** A subscription is disabled when all attempts have failed for this long. */
const DISABLED_AFTER_DAYS = 3;
const GONE = 410;

/** The lease is longer than an attempt takes. The number of the attempt is the fencing token. */
const lease = fencedLease('delivery', 60, { until: 'due_at', fence: 'attempts' });

export interface SubscriptionKey {
  tenantId: string;
  subscriptionId: string;
}

/** A delivery leased by this process, with everything needed to send it. */
export interface ClaimedDelivery extends SubscriptionKey {
  id: string;
  eventId: string;
  body: string;
  /** Of its event; null outside of a trace. */
  traceParent: string | null;
  /** The number of this attempt, from 1 on. */
  fence: number;
  url: string;
  secret: string;
  /** Null when the overlap after a rotation is over. */
  previousSecret: string | null;
}

/** Lists subscriptions with a due delivery, in random order. A loose index scan: it reads one index entry for each subscription. */
export function listDue(db: Db, limit: number): Promise<SubscriptionKey[]> {
  return runInScope(
    { task: 'webhook_delivery' },
    () => db.$queryRaw<SubscriptionKey[]>`
      WITH RECURSIVE waiting AS (
        (SELECT tenant_id, subscription_id, due_at FROM event_deliveries WHERE status = 'PENDING'
         ORDER BY tenant_id, subscription_id, due_at LIMIT 1)
        UNION ALL
        SELECT following.* FROM waiting, LATERAL (
          SELECT tenant_id, subscription_id, due_at FROM event_deliveries
          WHERE status = 'PENDING' AND (tenant_id, subscription_id) > (waiting.tenant_id, waiting.subscription_id)
          ORDER BY tenant_id, subscription_id, due_at LIMIT 1) AS following
      )
      SELECT tenant_id AS "tenantId", subscription_id AS "subscriptionId" FROM waiting
      WHERE due_at <= now() ORDER BY random() LIMIT ${limit}`,
  );
}

/** Leases some of a subscription's due deliveries, the longest due first. */
export function claimDeliveries(
  db: Db,
  { tenantId, subscriptionId }: SubscriptionKey,
  limit: number,
): Promise<ClaimedDelivery[]> {
  return runInScope(
    { tenantId },
    () => db.$queryRaw<ClaimedDelivery[]>`
      WITH due AS (
        SELECT id FROM event_deliveries AS delivery
        WHERE tenant_id = ${tenantId} AND subscription_id = ${subscriptionId} AND status = 'PENDING' AND ${lease.isFree}
        ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
      )
      UPDATE event_deliveries AS delivery
      SET ${lease.claim}, last_attempt_at = now()
      FROM webhook_subscriptions AS subscription
      WHERE delivery.tenant_id = ${tenantId} AND delivery.id IN (SELECT id FROM due)
        AND subscription.tenant_id = ${tenantId} AND subscription.id = delivery.subscription_id
      RETURNING delivery.tenant_id AS "tenantId", delivery.subscription_id AS "subscriptionId", delivery.id,
        delivery.event_id AS "eventId", delivery.body, delivery.trace_parent AS "traceParent", ${lease.token}, subscription.url, subscription.secret,
        CASE WHEN subscription.previous_secret_expires_at > now() THEN subscription.previous_secret END AS "previousSecret"`,
  );
}

/**
 * Records the result of an attempt, unless a later attempt has begun since.
 * @returns whether it disabled the subscription.
 */
export function recordAttempt(db: Db, delivery: ClaimedDelivery, result: AttemptResult): Promise<boolean> {
  const { tenantId } = delivery;
  return runInScope({ tenantId }, () =>
    db.$transaction(async (tx) => {
      // Locks the subscription before its deliveries, as everywhere, to avoid deadlocks.
      const isDisabled = await updateSubscription(tx, delivery, result);
      await updateDelivery(tx, delivery, result);
      if (isDisabled) await failPending(tx, delivery, 'The subscription was disabled.');
      return isDisabled;
    }),
  );
}

async function updateDelivery(tx: Tx, delivery: ClaimedDelivery, result: AttemptResult): Promise<void> {
  const { tenantId, id, fence } = delivery;
  const { isDelivered, status, excerpt, error } = result;
  const isLast = fence >= MAX_ATTEMPTS;
  // Jitter, so that deliveries that failed together are not all retried together.
  const seconds = (BACK_OFF_SECONDS[fence - 1] ?? 0) * (0.9 + 0.2 * Math.random());
  await tx.$executeRaw`
    UPDATE event_deliveries AS delivery SET
      status = (CASE WHEN ${isDelivered} THEN 'DELIVERED' WHEN ${isLast} THEN 'FAILED' ELSE 'PENDING' END)::"DeliveryStatus",
      delivered_at = CASE WHEN ${isDelivered} THEN now() END, ${lease.defer(seconds)},
      response_status = ${status}::int, response_excerpt = ${excerpt}::text, last_error = ${error}::text
    WHERE tenant_id = ${tenantId} AND id = ${id} AND status = 'PENDING' AND ${lease.isHeldBy(fence)}`;
}

/** @returns whether it was disabled. */
async function updateSubscription(
  tx: Tx,
  delivery: SubscriptionKey,
  { isDelivered, status }: AttemptResult,
): Promise<boolean> {
  const { tenantId, subscriptionId } = delivery;
  if (isDelivered) {
    await tx.$executeRaw`
      UPDATE webhook_subscriptions SET failing_since = NULL
      WHERE tenant_id = ${tenantId} AND id = ${subscriptionId} AND failing_since IS NOT NULL`;
    return false;
  }
  await tx.$executeRaw`
    UPDATE webhook_subscriptions SET failing_since = now()
    WHERE tenant_id = ${tenantId} AND id = ${subscriptionId} AND failing_since IS NULL`;
  const reason = status === GONE ? ('GONE' as const) : ('FAILING' as const);
  const [disabled] = await tx.$queryRaw<{ url: string; version: number }[]>`
    UPDATE webhook_subscriptions SET status = 'DISABLED', disabled_at = now(), disabled_reason = ${reason},
      version = version + 1, updated_at = now()
    WHERE tenant_id = ${tenantId} AND id = ${subscriptionId} AND status = 'ACTIVE'
      AND (${reason === 'GONE'} OR failing_since < now() - make_interval(days => ${DISABLED_AFTER_DAYS}::int))
    RETURNING url, version`;
  if (!disabled) return false;
  await recordEvent(tx, {
    type: 'tenant.webhook.disabled',
    aggregateId: subscriptionId,
    aggregateVersion: disabled.version,
    data: { url: disabled.url, reason },
  });
  return true;
}

/** Fails the pending deliveries of a subscription that is no longer ACTIVE. eventDeliveryRetry can send each of them again. */
export async function failPending(tx: Tx, { tenantId, subscriptionId }: SubscriptionKey, error: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE event_deliveries SET status = 'FAILED', last_error = coalesce(last_error, ${error})
    WHERE tenant_id = ${tenantId} AND subscription_id = ${subscriptionId} AND status = 'PENDING'`;
}
