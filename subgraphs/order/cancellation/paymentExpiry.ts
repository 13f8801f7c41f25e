import { recordEvents } from '../../shared/events/recordEvent';
import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db } from '../database';
import { lockOrderRow } from '../orders/getOrder';
import { orderTransaction } from '../orders/orderTransaction';
import type { SagaRunner } from '../saga/sagaEngine';
import { reopenSagaAt } from '../saga/sagaLease';
import { cancelOrder } from './cancelOrder';

const INTERVAL_MS = 60_000;
const BATCH_SIZE = 100;

interface Overdue {
  tenantId: string;
  orderId: string;
}

/**
 * Cancels the orders of all stores whose money has not arrived in time, which releases their stock. Only their list is read across tenants,
 * under a row-level policy that shows this task overdue payments and nothing else.
 */
export function startPaymentExpiry(db: Db, saga: SagaRunner, logger: Logger): PeriodicTask {
  return startPeriodicTask({
    name: 'payment_expiry',
    everyMs: INTERVAL_MS,
    logger,
    // After a full batch more may be due.
    run: async (stopping) => (await cancelOverdue(db, saga, stopping)) === BATCH_SIZE,
  });
}

/** One batch. @returns how many were due. */
export async function cancelOverdue(db: Db, saga: SagaRunner, stopping?: AbortSignal): Promise<number> {
  const due = await runInScope(
    { task: 'payment_expiry' },
    () => db.$queryRaw<Overdue[]>`
      SELECT tenant_id AS "tenantId", order_id AS "orderId" FROM payments
      WHERE status = 'PENDING' AND due_at <= now() ORDER BY due_at LIMIT ${BATCH_SIZE}`,
  );
  for (const one of due) {
    if (stopping?.aborted) break;
    await runInScope({ tenantId: one.tenantId }, async () => {
      if (await cancelUnpaid(db, one)) saga.resumeInBackground(one.tenantId, one.orderId);
    });
  }
  return due.length;
}

/** Cancels the order unless it was paid in the meantime. What was sent already is not held any more: its money stays due, without a time. */
function cancelUnpaid(db: Db, { tenantId, orderId }: Overdue): Promise<boolean> {
  return orderTransaction(db, { tenantId, orderId }, async (tx) => {
    await lockOrderRow(tx, tenantId, orderId);
    const { count } = await tx.payment.updateMany({
      where: { tenantId, orderId, status: 'PENDING', dueAt: { not: null } },
      data: { dueAt: null },
    });
    if (count === 0) return false;
    const nobody = { actorId: null, impersonatorId: null };
    const events = await cancelOrder(tx, {
      tenantId,
      orderId,
      from: 'CONFIRMED',
      reason: 'PAYMENT_OVERDUE',
      refund: true,
      ...nobody,
    });
    if (!events) return false;
    await recordEvents(tx, events);
    await tx.$executeRaw`
      UPDATE order_sagas SET ${reopenSagaAt('VOID_PAYMENT')}, restock = true
      WHERE tenant_id = ${tenantId} AND order_id = ${orderId}`;
    return true;
  });
}
