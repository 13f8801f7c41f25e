import type { Db, Tx } from '../database';
import { Prisma, type SagaStep } from '../generated/prisma/client';
import type { LeasedSaga, Refusal } from './stepResult';

/** Another process has taken the saga over: what this one still wanted to write must not be written. */
export class LeaseLost extends Error {}

const MAX_BACK_OFF_SECONDS = 60;
/** A step that failed so often, some five minutes long, does not heal by itself: a person has to look. */
export const ATTENTION_AFTER = 10;
/** It is tried all the same, now and then, so that the end of a long outage is enough. */
const ATTENTION_BACK_OFF_SECONDS = 600;

/** The sagas, of all stores, that nobody holds any more by the database's clock. Runs in the scope of saga_recovery. */
export function listDue(db: Db, limit: number): PromiseLike<{ tenantId: string; orderId: string }[]> {
  return db.$queryRaw`
    SELECT tenant_id AS "tenantId", order_id AS "orderId" FROM order_sagas
    WHERE finished_at IS NULL AND lease_until <= now() ORDER BY lease_until LIMIT ${limit}`;
}

/** Takes over a saga whose lease has run out by the database's clock. @returns null when it is held, or finished. */
export async function claim(db: Db, tenantId: string, orderId: string): Promise<LeasedSaga | null> {
  const [claimed] = await db.$queryRaw<LeasedSaga[]>`
    UPDATE order_sagas SET lease_until = now() + interval '30 seconds', fence = fence + 1
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND finished_at IS NULL AND lease_until <= now()
    RETURNING tenant_id AS "tenantId", order_id AS "orderId", step::text, lines, attempts, fence,
      payment_token AS "paymentToken", restock, refund, capture_asked AS "captureAsked",
      coalesce(confirm_before, created_at + interval '10 minutes') <= now() AS overdue`;
  return claimed ?? null;
}

/**
 * The part of an UPDATE of order_sagas that opens a saga again: the fence keeps whoever still holds it from writing, and
 * anybody may claim it.
 */
export const reopenSagaAt = (step: SagaStep): Prisma.Sql => Prisma.sql`
  step = ${step}::"SagaStep", fence = fence + 1, attempts = 0, last_error = NULL, lease_until = now(),
  step_started_at = now(), finished_at = NULL`;

/** A step that is behind. */
export interface PassedStep {
  name: SagaStep;
  status: 'DONE' | 'REFUSED';
}

interface Move {
  passed: readonly PassedStep[];
  next: SagaStep;
  refusal?: Refusal;
  /** The stock is reserved from now on, and the order must be confirmed before that ends. */
  reserved?: boolean;
}

/**
 * Writes down that a saga is at its next step, or done. Where `tx` is a transaction, its other writes hold only with this
 * one. @throws LeaseLost
 */
export async function moveTo(
  tx: Db | Tx,
  saga: LeasedSaga,
  { passed, next, refusal, reserved = false }: Move,
): Promise<LeasedSaga> {
  const { tenantId, orderId, fence, step } = saga;
  const count = await tx.$executeRaw`
    UPDATE order_sagas SET
      step = ${next}::"SagaStep", attempts = 0, last_error = NULL, step_started_at = now(),
      lease_until = now() + interval '30 seconds',
      finished_at = CASE WHEN ${next} = 'DONE' THEN now() END,
      refusal = coalesce(${refusal ? JSON.stringify(refusal) : null}::jsonb, refusal),
      confirm_before = CASE WHEN ${reserved} THEN now() + interval '10 minutes' ELSE confirm_before END,
      steps = steps || (
        SELECT jsonb_agg(passed || jsonb_build_object(
          'attempts', attempts + 1, 'startedAt', step_started_at, 'finishedAt', now(), 'lastError', last_error))
        FROM jsonb_array_elements(${JSON.stringify(passed)}::jsonb) AS passed)
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND fence = ${fence} AND step = ${step}::"SagaStep" AND finished_at IS NULL`;
  if (count === 0) throw new LeaseLost();
  return { ...saga, step: next, attempts: 0, overdue: saga.overdue && !reserved };
}

/** Leaves a saga to recovery, later with each attempt. Nothing to do when another process has taken it over. */
export async function postpone(db: Db, saga: LeasedSaga, error: unknown): Promise<void> {
  const { tenantId, orderId, fence, attempts } = saga;
  const seconds =
    attempts >= ATTENTION_AFTER ? ATTENTION_BACK_OFF_SECONDS : Math.min(2 ** attempts, MAX_BACK_OFF_SECONDS);
  const lastError = error instanceof Error ? error.name : 'unknown';
  await db.$executeRaw`
    UPDATE order_sagas SET lease_until = now() + make_interval(secs => ${seconds}), attempts = attempts + 1, last_error = ${lastError}
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND fence = ${fence} AND finished_at IS NULL`;
}

/** Leaves a saga until somebody else has done something: that is no failed attempt. */
export async function rest(db: Db, { tenantId, orderId, fence }: LeasedSaga, seconds: number): Promise<void> {
  await db.$executeRaw`
    UPDATE order_sagas SET lease_until = now() + make_interval(secs => ${seconds}), last_error = NULL
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND fence = ${fence} AND finished_at IS NULL`;
}
