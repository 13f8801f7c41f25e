import type { Context } from '../context';
import type { HookAnswer } from './applyHooks';
import type { HookFailed } from './hookFailed';

/** As carriers' rates are kept elsewhere, such as by Shopify. */
const ANSWER_MINUTES = 15;
/** A buyer who reads the cart and orders it meets the same prices, and does not wait twice for a hook that hangs. */
const FAILURE_SECONDS = 30;
/** As many as are stored may have expired: each that is stored deletes some. */
const PRUNED = 20;

/** A hook that is switched on, with what is needed to ask it, and what it answered to this question. */
export interface StoredHook {
  url: string;
  /** Encrypted: the current one and, after a rotation, also the previous one. */
  secrets: string[];
  isAnswered: boolean;
  /** Null also when it failed. */
  answer: HookAnswer | null;
}

export async function findAnswer(
  { db, tenantId }: Context,
  hookId: string,
  question: string,
): Promise<StoredHook | null> {
  const [found] = await db.$queryRaw<StoredHook[]>`
    SELECT url, CASE WHEN previous_secret_expires_at > now() THEN ARRAY[secret, previous_secret] ELSE ARRAY[secret] END AS secrets,
      stored.question IS NOT NULL AS "isAnswered", stored.answer
    FROM checkout_hooks LEFT JOIN checkout_hook_answers AS stored ON stored.tenant_id = ${tenantId} AND stored.hook_id = ${hookId}
      AND stored.question = ${question} AND stored.expires_at > now()
    WHERE checkout_hooks.tenant_id = ${tenantId} AND checkout_hooks.id = ${hookId}`;
  return found ?? null;
}

/**
 * Stores an answer, null for a failure, unless another process has stored one meanwhile. Deletes some that have expired, so that no task
 * has to. @returns the answer that is stored.
 */
export async function keepAnswer(
  { db, tenantId }: Context,
  hookId: string,
  question: string,
  answer: HookAnswer | null,
): Promise<HookAnswer | null> {
  const json = answer && JSON.stringify(answer);
  const seconds = answer ? ANSWER_MINUTES * 60 : FAILURE_SECONDS;
  const [kept] = await db.$queryRaw<{ answer: HookAnswer | null }[]>`
    WITH pruned AS (
      DELETE FROM checkout_hook_answers WHERE tenant_id = ${tenantId} AND (hook_id, question) IN (
        SELECT hook_id, question FROM checkout_hook_answers
        WHERE tenant_id = ${tenantId} AND expires_at <= now() AND question <> ${question}
        ORDER BY expires_at LIMIT ${PRUNED} FOR UPDATE SKIP LOCKED)
    )
    INSERT INTO checkout_hook_answers AS stored (tenant_id, hook_id, question, answer, expires_at)
    SELECT ${tenantId}, id, ${question}, ${json}::jsonb, now() + make_interval(secs => ${seconds}::int)
    FROM checkout_hooks WHERE tenant_id = ${tenantId} AND id = ${hookId}
    ON CONFLICT (tenant_id, hook_id, question) DO UPDATE SET
      answer = CASE WHEN stored.expires_at > now() AND stored.answer IS NOT NULL THEN stored.answer ELSE excluded.answer END,
      expires_at = CASE WHEN stored.expires_at > now() AND stored.answer IS NOT NULL THEN stored.expires_at ELSE excluded.expires_at END
    RETURNING answer`;
  return kept ? kept.answer : answer;
}

/** For staff to see. At most every ten seconds: a hook that is away would have its row written by every buyer. */
export async function recordFailure(
  { db, tenantId }: Context,
  hookId: string,
  { why, status }: HookFailed,
): Promise<void> {
  await db.$executeRaw`
    UPDATE checkout_hooks SET last_failure_at = now(), last_failure_reason = ${why}::"CheckoutHookFailureReason",
      last_failure_status = ${status}::int
    WHERE tenant_id = ${tenantId} AND id = ${hookId}
      AND (last_failure_at IS NULL OR last_failure_at < now() - interval '10 seconds' OR last_failure_reason <> ${why}::"CheckoutHookFailureReason")`;
}
