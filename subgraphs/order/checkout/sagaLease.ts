import type { Db, Tx } from '../database';
import type { OrderSaga, SagaStep } from '../generated/prisma/client';

/** Another process has taken the saga over: what this one still wanted to write must not be written. */
export class LeaseLost extends Error {}

const MAX_BACK_OFF_SECONDS = 60;

/** Takes over a saga whose lease has run out by the database's clock. @returns null when it is held, or finished. */
export async function claim(db: Db, tenantId: string, orderId: string): Promise<OrderSaga | null> {
  const claimed = await db.$executeRaw`
    UPDATE order_sagas SET lease_until = now() + interval '30 seconds', fence = fence + 1
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND finished_at IS NULL AND lease_until <= now()`;
  return claimed === 0 ? null : db.orderSaga.findFirst({ where: { tenantId, orderId } });
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
    where: { tenantId, orderId, fence, finishedAt: null },
    data: { ...data, step, attempts: 0, lastError: null },
  });
  if (count === 0) throw new LeaseLost();
  return { ...saga, step, attempts: 0 };
}

/** @throws LeaseLost */
export async function finish(db: Db, saga: OrderSaga): Promise<void> {
  const { tenantId, orderId, fence } = saga;
  const { count } = await db.orderSaga.updateMany({
    where: { tenantId, orderId, fence, finishedAt: null },
    data: { finishedAt: new Date() },
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
