import { forEachConcurrent } from '../../shared/forEachConcurrent';
import type { Logger } from '../../shared/log';
import { type PeriodicTask, startPeriodicTask } from '../../shared/periodicTask';
import { runInScope } from '../../shared/scope';
import type { Db, Tx } from '../database';
import type { OrderRefund, Payment } from '../generated/prisma/client';
import { recordRefundedEvent } from '../orders/orderEvents';
import { changeFinancialStatus } from '../orders/orderStatus';
import { LeaseLost } from '../saga/sagaLease';
import type { SagaDependencies } from '../saga/stepResult';
import { enter } from './payment.ledger';
import { type ProviderRefund, providerOf } from './paymentProvider';

const POLL_MS = 1_000;
const BATCH = 20;
const CONCURRENCY = 4;
const MAX_BACK_OFF_SECONDS = 600;

/**
 * Gives money back that a refund has set aside. Whether the provider has done it is asked before it is asked for again,
 * so that an answer that got lost is no second refund; and the refund's own id is the key of both.
 */
export class RefundWork {
  readonly #underWay = new Set<Promise<void>>();

  constructor(
    private readonly world: SagaDependencies,
    private readonly logger: Logger,
  ) {}

  /** Drives a refund as far as it goes, if no other process holds it. */
  async resume(tenantId: string, refundId: string): Promise<void> {
    await runInScope({ tenantId }, async () => {
      const refund = await claim(this.world.db, tenantId, refundId);
      if (refund) await this.drive(refund);
    });
  }

  /** A refund that this process holds the lease of. */
  drive(refund: OrderRefund): Promise<void> {
    const driving = this.#drive(refund);
    this.#underWay.add(driving);
    return driving.finally(() => this.#underWay.delete(driving));
  }

  /** Resolves when nothing is under way in this process. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  async #drive(refund: OrderRefund): Promise<void> {
    try {
      const { db } = this.world;
      const settled = refund.status === 'PENDING' ? await this.#giveMoneyBack(refund) : refund;
      if (settled.status === 'SUCCEEDED' && settled.restock) await this.#giveStockBack(settled);
      if (settled.status !== 'PENDING') await finish(db, settled);
    } catch (error) {
      if (error instanceof LeaseLost) return;
      this.logger.warn({ err: error, refundId: refund.id, attempts: refund.attempts }, 'refund put off');
      await postpone(this.world.db, refund, error);
    }
  }

  /** @returns the refund as it is then. */
  async #giveMoneyBack(refund: OrderRefund): Promise<OrderRefund> {
    const { db, providers } = this.world;
    const payment = await db.payment.findFirstOrThrow({
      where: { tenantId: refund.tenantId, orderId: refund.orderId },
    });
    const provider = providerOf(providers, payment);
    const isNew = refund.fence === 0;
    const known = isNew ? null : await provider.findRefund(payment, refund.id);
    const answer = known ?? (await provider.refund(payment, refund.amount, refund.id));
    if (answer.status === 'PENDING') await postpone(db, refund, null);
    else await db.$transaction((tx) => settle(tx, payment, refund, answer));
    return { ...refund, status: answer.status };
  }

  /** What the catalog has back already, such as by a cancellation, is no fault. */
  async #giveStockBack(refund: OrderRefund): Promise<void> {
    const { db, stock } = this.world;
    const { tenantId, orderId, id } = refund;
    const items = await db.orderItem.findMany({ where: { tenantId, orderId } });
    const lines = refund.lines.flatMap(({ position, quantity }) =>
      items.filter((item) => item.position === position).map(({ variantId }) => ({ variantId, quantity })),
    );
    const refusal = await stock.giveBack(tenantId, orderId, id, lines);
    if (refusal.length > 0) this.logger.warn({ orderId, refundId: id, refusal }, 'nothing came back for a refund');
  }
}

/** The money is back with the buyer; or the provider refused, and the amount may be refunded in another way. @throws LeaseLost */
async function settle(tx: Tx, payment: Payment, refund: OrderRefund, answer: ProviderRefund): Promise<void> {
  const { tenantId, id, amount, fence } = refund;
  const failed = answer.status === 'FAILED';
  await tx.payment.updateMany({
    where: { tenantId, id: payment.id },
    data: { version: { increment: 1 }, ...(failed && { refundedAmount: { decrement: amount } }) },
  });
  await enter(tx, payment, { kind: 'REFUND', amount, answer, key: id });
  const { count } = await tx.orderRefund.updateMany({
    where: { tenantId, id, fence, finishedAt: null },
    data: {
      status: failed ? 'FAILED' : 'SUCCEEDED',
      providerReference: answer.reference,
      failureCode: answer.failureCode,
      lastError: null,
    },
  });
  if (count === 0) throw new LeaseLost();
  if (failed) return;
  const isComplete = await changeOrder(tx, refund);
  await recordRefundedEvent(tx, { ...refund, minorUnits: amount, isComplete });
}

/** Money and goods are where they belong. @throws LeaseLost */
async function finish(db: Db, { tenantId, id, fence }: OrderRefund): Promise<void> {
  const finished = await db.$executeRaw`
    UPDATE order_refunds SET finished_at = now(), last_error = NULL
    WHERE tenant_id = ${tenantId} AND id = ${id} AND fence = ${fence} AND finished_at IS NULL`;
  if (finished === 0) throw new LeaseLost();
}

/** Refunded is what the provider has done, not what was set aside. @returns whether that is all of it. */
async function changeOrder(tx: Tx, { tenantId, orderId, actorId }: OrderRefund): Promise<boolean> {
  const [sums] = await tx.$queryRaw<{ complete: boolean }[]>`
    SELECT captured_amount <= (
      SELECT sum(amount) FROM order_refunds WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND status = 'SUCCEEDED'
    ) AS complete
    FROM payments WHERE tenant_id = ${tenantId} AND order_id = ${orderId}`;
  const change = { tenantId, orderId, actorId };
  if (sums?.complete) await changeFinancialStatus(tx, { ...change, to: 'REFUNDED' });
  else await changeFinancialStatus(tx, { ...change, from: 'PAID', to: 'PARTIALLY_REFUNDED' });
  return sums?.complete === true;
}

async function claim(db: Db, tenantId: string, id: string): Promise<OrderRefund | null> {
  const [claimed] = await db.$queryRaw<{ fence: number }[]>`
    UPDATE order_refunds SET lease_until = now() + interval '30 seconds', fence = fence + 1
    WHERE tenant_id = ${tenantId} AND id = ${id} AND finished_at IS NULL AND lease_until <= now() RETURNING fence`;
  return claimed ? db.orderRefund.findFirst({ where: { tenantId, id, fence: claimed.fence } }) : null;
}

/** @param error null when the provider needs time. */
async function postpone(db: Db, { tenantId, id, fence, attempts }: OrderRefund, error: unknown): Promise<void> {
  const seconds = Math.min(2 ** attempts, MAX_BACK_OFF_SECONDS);
  const lastError = error instanceof Error ? error.name : null;
  await db.$executeRaw`
    UPDATE order_refunds SET lease_until = now() + make_interval(secs => ${seconds}), attempts = attempts + 1, last_error = ${lastError}
    WHERE tenant_id = ${tenantId} AND id = ${id} AND fence = ${fence} AND finished_at IS NULL`;
}

/** Goes on with the refunds of all stores that a crash, or a silent provider, left half done: as saga recovery does. */
export function startRefundRecovery(db: Db, work: RefundWork, logger: Logger): PeriodicTask {
  return startPeriodicTask({
    name: 'refund_recovery',
    run: async (stopping) => (await recoverRefunds(db, work, logger, stopping)) === BATCH,
    everyMs: POLL_MS,
    logger,
  });
}

/** One batch. @returns how many were due. */
export async function recoverRefunds(
  db: Db,
  work: RefundWork,
  logger: Logger,
  stopping?: AbortSignal,
): Promise<number> {
  const due = await runInScope(
    { task: 'refund_recovery' },
    () => db.$queryRaw<{ tenantId: string; id: string }[]>`
      SELECT tenant_id AS "tenantId", id FROM order_refunds
      WHERE finished_at IS NULL AND lease_until <= now() ORDER BY lease_until LIMIT ${BATCH}`,
  );
  const resume = ({ tenantId, id }: { tenantId: string; id: string }) =>
    work.resume(tenantId, id).catch((error: unknown) => {
      logger.error({ err: error, refundId: id }, 'refund not resumed; it is due again later');
    });
  await forEachConcurrent(due, CONCURRENCY, resume, stopping);
  return due.length;
}
