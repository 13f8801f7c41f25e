import { recordEvent } from '../../shared/events/recordEvent';
import { runInScope } from '../../shared/scope';
import type { Db, Tx } from '../database';
import type { Outcome } from './webhookSender';

/** For so long the log of deliveries is kept. */
export const KEPT_DELIVERIES_DAYS = 30;
/**
 * Seconds from one attempt to the next, as Standard Webhooks recommend: the last one is some three days after the first.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
const BACK_OFF_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
export const MAX_ATTEMPTS = BACK_OFF_SECONDS.length + 1;
/** A subscription whose every attempt has failed for so long is told nothing any more. */
export const DISABLED_AFTER_DAYS = 3;
/** Longer than an attempt takes: whoever began it is gone after this, and another tries. */
const LEASE_SECONDS = 60;
const GONE = 410;

export interface SubscriptionKey {
  tenantId: string;
  subscriptionId: string;
}

/** A delivery that this process has to itself, and what it needs to send it. */
export interface ClaimedDelivery extends SubscriptionKey {
  id: string;
  eventId: string;
  body: string;
  /** Which attempt this is. */
  attempts: number;
  url: string;
  secret: string;
  /** Null when none signs any more. */
  previousSecret: string | null;
}

/** Subscriptions with something due, at random; one look into the index for each that has anything waiting. */
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

/** Takes some of what is due for one subscription, the longest due first; no other process has them for a while. */
export function claimDeliveries(
  db: Db,
  { tenantId, subscriptionId }: SubscriptionKey,
  limit: number,
): Promise<ClaimedDelivery[]> {
  return runInScope(
    { tenantId },
    () => db.$queryRaw<ClaimedDelivery[]>`
      WITH due AS (
        SELECT id FROM event_deliveries
        WHERE tenant_id = ${tenantId} AND subscription_id = ${subscriptionId} AND status = 'PENDING' AND due_at <= now()
        ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
      )
      UPDATE event_deliveries AS delivery
      SET attempts = attempts + 1, last_attempt_at = now(), due_at = now() + make_interval(secs => ${LEASE_SECONDS})
      FROM webhook_subscriptions AS subscription
      WHERE delivery.tenant_id = ${tenantId} AND delivery.id IN (SELECT id FROM due)
        AND subscription.tenant_id = ${tenantId} AND subscription.id = delivery.subscription_id
      RETURNING delivery.tenant_id AS "tenantId", delivery.subscription_id AS "subscriptionId", delivery.id,
        delivery.event_id AS "eventId", delivery.body, delivery.attempts, subscription.url, subscription.secret,
        CASE WHEN subscription.previous_secret_expires_at > now() THEN subscription.previous_secret END AS "previousSecret"`,
  );
}

/**
 * Writes down what an attempt brought, unless another has begun a later one since.
 * @returns whether the subscription was disabled by it.
 */
export function writeOutcome(db: Db, delivery: ClaimedDelivery, outcome: Outcome): Promise<boolean> {
  const { tenantId } = delivery;
  return runInScope({ tenantId }, () =>
    db.$transaction(async (tx) => {
      // In this order everywhere: the subscription, then its deliveries.
      const isDisabled = await noteOnSubscription(tx, delivery, outcome);
      await noteOnDelivery(tx, delivery, outcome);
      if (isDisabled) await endPending(tx, delivery, 'The subscription was disabled.');
      return isDisabled;
    }),
  );
}

async function noteOnDelivery(tx: Tx, delivery: ClaimedDelivery, outcome: Outcome): Promise<void> {
  const { tenantId, id, attempts } = delivery;
  const { isTaken, status, excerpt, error } = outcome;
  const isLast = attempts >= MAX_ATTEMPTS;
  // Somewhat sooner or later, so that what failed together is not tried together.
  const seconds = (BACK_OFF_SECONDS[attempts - 1] ?? 0) * (0.9 + 0.2 * Math.random());
  await tx.$executeRaw`
    UPDATE event_deliveries SET
      status = (CASE WHEN ${isTaken} THEN 'DELIVERED' WHEN ${isLast} THEN 'FAILED' ELSE 'PENDING' END)::"DeliveryStatus",
      delivered_at = CASE WHEN ${isTaken} THEN now() END, due_at = now() + make_interval(secs => ${seconds}),
      response_status = ${status}::int, response_excerpt = ${excerpt}::text, last_error = ${error}::text
    WHERE tenant_id = ${tenantId} AND id = ${id} AND status = 'PENDING' AND attempts = ${attempts}`;
}

/** @returns whether it was disabled. */
async function noteOnSubscription(tx: Tx, delivery: SubscriptionKey, { isTaken, status }: Outcome): Promise<boolean> {
  const { tenantId, subscriptionId } = delivery;
  if (isTaken) {
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

/** Gives up what waits for a subscription that is told nothing any more; each can be sent again by hand. */
export async function endPending(tx: Tx, { tenantId, subscriptionId }: SubscriptionKey, why: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE event_deliveries SET status = 'FAILED', last_error = coalesce(last_error, ${why})
    WHERE tenant_id = ${tenantId} AND subscription_id = ${subscriptionId} AND status = 'PENDING'`;
}
