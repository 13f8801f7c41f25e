import type { Db, Tx } from '../database';
import type { OrderSaga, SagaStep } from '../generated/prisma/client';

/** Another process has taken the saga over: what this one still wanted to write must not be written. */
export class LeaseLost extends Error {}

const MAX_BACK_OFF_SECONDS = 60;

/** The sagas, of all stores, that nobody holds any more by the database's clock. Runs in the scope of saga_recovery. */
export function listDue(db: Db, limit: number): PromiseLike<{ tenantId: string; orderId: string }[]> {
  return db.$queryRaw`
    SELECT tenant_id AS "tenantId", order_id AS "orderId" FROM order_sagas
    WHERE finished_at IS NULL AND lease_until <= now() ORDER BY lease_until LIMIT ${limit}`;
}

/** Takes over a saga whose lease has run out by the database's clock. @returns null when it is held, or finished. */
export async function claim(db: Db, tenantId: string, orderId: string): Promise<OrderSaga | null> {
  const [claimed] = await db.$queryRaw<{ fence: number }[]>`
    UPDATE order_sagas SET lease_until = now() + interval '30 seconds', fence = fence + 1
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND finished_at IS NULL AND lease_until <= now()
    RETURNING fence`;
  return claimed ? db.orderSaga.findFirst({ where: { tenantId, orderId, fence: claimed.fence } }) : null;
}

/** Whether the catalog has left an order without an answer for so long that it is called off. */
export async function isOverdue(db: Db, { tenantId, orderId }: OrderSaga): Promise<boolean> {
  const overdue = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM order_sagas
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND created_at < now() - interval '10 minutes'`;
  return overdue.length > 0;
}

/** Writes down that a saga is at its next step. Where `tx` is a transaction, its other writes hold only with this one. @throws LeaseLost */
export async function moveTo(
  tx: Db | Tx,
  saga: OrderSaga,
  step: SagaStep,
  data: { refusal?: object } = {},
): Promise<OrderSaga> {
  const { tenantId, orderId, fence } = saga;
  const { count } = await tx.orderSaga.updateMany({
    where: { tenantId, orderId, fence, step: saga.step, finishedAt: null },
    data: { ...data, step, attempts: 0, lastError: null },
  });
  if (count === 0) throw new LeaseLost();
  return { ...saga, step, attempts: 0 };
}

/** Writes down that there is nothing left to do. @throws LeaseLost */
export async function finish(db: Db, saga: OrderSaga): Promise<void> {
  const { tenantId, orderId, fence, step } = saga;
  const { count } = await db.orderSaga.updateMany({
    where: { tenantId, orderId, fence, step, finishedAt: null },
    data: { step: 'DONE', attempts: 0, lastError: null, finishedAt: new Date() },
  });
  if (count === 0) throw new LeaseLost();
}

/** Leaves a saga to recovery, later with each attempt. Nothing to do when another process has taken it over. */
export async function postpone(db: Db, saga: OrderSaga, error: unknown): Promise<void> {
  const { tenantId, orderId, fence, attempts } = saga;
  const seconds = Math.min(2 ** attempts, MAX_BACK_OFF_SECONDS);
  const lastError = error instanceof Error ? error.name : 'unknown';
  await db.$executeRaw`
    UPDATE order_sagas SET lease_until = now() + make_interval(secs => ${seconds}), attempts = attempts + 1, last_error = ${lastError}
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND fence = ${fence} AND finished_at IS NULL`;
}
