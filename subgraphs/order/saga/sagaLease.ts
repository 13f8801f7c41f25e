import { backOffSeconds, failedAttempt, fencedLease, requireLease } from '../../shared/lease';
import type { Db, Tx } from '../database';
import { Prisma, type SagaStep } from '../generated/prisma/client';
import type { LeasedSaga, Refusal } from './sagaStep';

/** Longer than the slowest step, with the retries of its calls. */
const LEASE_SECONDS = 30;
const MAX_BACK_OFF_SECONDS = 60;
/** After so many failures, in some five minutes, a step needs the attention of staff. */
export const ATTENTION_AFTER = 10;
/** It is still retried, at longer intervals, so that it recovers from a long outage without staff. */
const ATTENTION_BACK_OFF_SECONDS = 600;

const lease = fencedLease('order_sagas', LEASE_SECONDS);

type SagaRow = Omit<LeasedSaga<object>, 'memo'>;

/** The sagas of all stores whose lease has expired. Runs in the scope of saga_recovery. */
export function listDue(db: Db, limit: number): PromiseLike<{ tenantId: string; orderId: string }[]> {
  return db.$queryRaw`
    SELECT tenant_id AS "tenantId", order_id AS "orderId" FROM order_sagas
    WHERE finished_at IS NULL AND ${lease.isFree} ORDER BY lease_until LIMIT ${limit}`;
}

/** Claims the lease of a saga. @returns null when another process has it, or the saga is finished. */
export async function claimSaga(db: Db, tenantId: string, orderId: string): Promise<SagaRow | null> {
  const [claimed] = await db.$queryRaw<SagaRow[]>`
    UPDATE order_sagas SET ${lease.claim}
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND finished_at IS NULL AND ${lease.isFree}
    RETURNING tenant_id AS "tenantId", order_id AS "orderId", step::text, lines, attempts, ${lease.token},
      payment_token AS "paymentToken", restock, refund,
      coalesce(confirm_before, created_at + interval '10 minutes') <= now() AS overdue`;
  return claimed ?? null;
}

/** For SET of an UPDATE of order_sagas: sets a saga to a step, and revokes its lease, so that a process that has it can't write any more. */
export const reopenSagaAt = (step: SagaStep): Prisma.Sql => Prisma.sql`
  step = ${step}::"SagaStep", ${lease.revoke}, attempts = 0, last_error = NULL, step_started_at = now(), finished_at = NULL`;

/** For SET of an UPDATE of order_sagas: recovery runs the current step as soon as possible. A process that is running it may still write. */
export const wakeSaga = lease.release;

/** For WHERE on order_sagas: the current step has failed, or no process is running it. */
export const isSagaWaiting = Prisma.sql`finished_at IS NULL AND (attempts > 0 OR ${lease.isFree})`;

/** A step that has ended. */
export interface PassedStep {
  name: SagaStep;
  status: 'DONE' | 'REFUSED';
}

interface Progress {
  /** The first is the saga's step, to which its attempts and its last error belong; the others ran once, in the same transaction. */
  passed: readonly PassedStep[];
  next: SagaStep;
  refusal?: Refusal;
  /** See StepResult. */
  reserved?: boolean;
}

/** Moves a saga to its next step, or to DONE, and renews its lease. @throws LeaseLost, which rolls back the transaction. */
export async function moveTo<Saga extends SagaRow>(
  tx: Db | Tx,
  saga: Saga,
  { passed, next, refusal, reserved = false }: Progress,
): Promise<Saga> {
  const { tenantId, orderId, fence, step } = saga;
  const count = await tx.$executeRaw`
    UPDATE order_sagas SET
      step = ${next}::"SagaStep", attempts = 0, last_error = NULL, step_started_at = now(), ${lease.renew},
      finished_at = CASE WHEN ${next} = 'DONE' THEN now() END,
      refusal = coalesce(${refusal ? JSON.stringify(refusal) : null}::jsonb, refusal),
      confirm_before = CASE WHEN ${reserved} THEN now() + interval '10 minutes' ELSE confirm_before END,
      steps = steps || (
        SELECT jsonb_agg(passed || jsonb_build_object('attempts', CASE nth WHEN 1 THEN attempts + 1 ELSE 1 END,
          'startedAt', CASE nth WHEN 1 THEN step_started_at ELSE now() END, 'finishedAt', now(),
          'lastError', CASE nth WHEN 1 THEN last_error END) ORDER BY nth)
        FROM jsonb_array_elements(${JSON.stringify(passed)}::jsonb) WITH ORDINALITY AS ended (passed, nth))
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND ${lease.isHeldBy(fence)} AND step = ${step}::"SagaStep"
      AND finished_at IS NULL`;
  requireLease(count);
  return { ...saga, step: next, attempts: 0, overdue: saga.overdue && !reserved };
}

/** After a failed attempt: recovery retries, with back-off. Does nothing when another process has the lease by now. */
export async function postpone(db: Db, { tenantId, orderId, fence, attempts }: SagaRow, error: unknown): Promise<void> {
  const seconds =
    attempts >= ATTENTION_AFTER ? ATTENTION_BACK_OFF_SECONDS : backOffSeconds(attempts, MAX_BACK_OFF_SECONDS);
  await db.$executeRaw`
    UPDATE order_sagas SET ${failedAttempt(lease, seconds, error)}
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND ${lease.isHeldBy(fence)} AND finished_at IS NULL`;
}

/** While the buyer or the provider has to act first: recovery runs the step again after so many seconds. This is no failed attempt. */
export async function defer(db: Db, { tenantId, orderId, fence }: SagaRow, seconds: number): Promise<void> {
  await db.$executeRaw`
    UPDATE order_sagas SET ${lease.defer(seconds)}, last_error = NULL
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND ${lease.isHeldBy(fence)} AND finished_at IS NULL`;
}
