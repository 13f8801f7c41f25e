import { LeaseLost, requireLease } from '../../shared/lease';
import type { Logger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import type { StockClient } from '../catalog/stockClient';
import { giveBack } from '../credit/orderCredit';
import type { Db, Tx } from '../database';
import type { OrderRefund, Payment } from '../generated/prisma/client';
import { completeIfAllSent } from '../orders/fulfillmentStatus';
import { recordRefundedEvent } from '../orders/orderEvents';
import { orderTransaction } from '../orders/orderTransaction';
import { type PaymentProviders, type ProviderRefund, providerOf } from './paymentProvider';
import { updateRefundedStatus } from './refundedStatus';
import { claimRefund, finishRefund, postponeRefund } from './refundLease';
import { changeRefunded } from './reserveAmount';
import { appendTransaction } from './transitionPayment';

export interface RefundDependencies {
  db: Db;
  stock: StockClient;
  providers: PaymentProviders;
}

/**
 * Executes refunds whose amount was reserved by orderRefund. An answer of the provider may be lost, so a retry first looks the refund up,
 * and requests it only when it was not done; the refund's id is the idempotency key.
 */
export class RefundWorker {
  readonly #inFlight = new Set<Promise<void>>();

  constructor(
    private readonly dependencies: RefundDependencies,
    private readonly logger: Logger,
  ) {}

  /** Claims an unfinished refund and executes it; does nothing when another process has its lease. */
  async resume(tenantId: string, refundId: string): Promise<void> {
    await runInScope({ tenantId }, async () => {
      const refund = await claimRefund(this.dependencies.db, tenantId, refundId);
      if (refund) await this.drive(refund);
    });
  }

  /** Executes a refund whose lease this process has. */
  drive(refund: OrderRefund): Promise<void> {
    const driving = this.#drive(refund);
    this.#inFlight.add(driving);
    return driving.finally(() => this.#inFlight.delete(driving));
  }

  /** For graceful shutdown: resolves when no refund is in progress in this process. */
  async settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  async #drive(refund: OrderRefund): Promise<void> {
    const { db } = this.dependencies;
    try {
      const current = refund.status === 'PENDING' ? await this.#refundMoney(refund) : refund;
      if (current.status === 'SUCCEEDED' && current.restock) await this.#returnStock(current);
      if (current.status !== 'PENDING') await finishRefund(db, current);
    } catch (error) {
      if (error instanceof LeaseLost) return;
      this.logger.warn({ err: error, refundId: refund.id, attempts: refund.attempts }, 'refund postponed');
      await this.#postpone(refund, error);
    }
  }

  /** Where the database does not take that either, the lease expires by itself, and recovery goes on. */
  async #postpone(refund: OrderRefund, failure: unknown): Promise<void> {
    try {
      await postponeRefund(this.dependencies.db, refund, failure);
    } catch (error) {
      this.logger.warn({ err: error, refundId: refund.id }, 'refund left to recovery');
    }
  }

  /** @returns the refund with its new status. */
  async #refundMoney(refund: OrderRefund): Promise<OrderRefund> {
    const { db, providers } = this.dependencies;
    const amount = amountOfPayment(refund);
    if (amount === 0n) {
      await orderTransaction(db, refund, (tx) => recordSucceeded(tx, refund, null));
      return { ...refund, status: 'SUCCEEDED' };
    }
    const payment = await db.payment.findFirstOrThrow({
      where: { tenantId: refund.tenantId, orderId: refund.orderId },
    });
    const provider = providerOf(providers, payment);
    const isFirstAttempt = refund.fence === 0;
    const found = isFirstAttempt ? null : await provider.findRefund(payment, refund.id);
    const report = found ?? (await provider.refund(payment, amount, refund.id));
    if (report.status === 'PENDING') await postponeRefund(db, refund, null);
    else await orderTransaction(db, refund, (tx) => recordRefund(tx, payment, refund, report));
    return { ...refund, status: report.status };
  }

  /** Errors of the catalog are only logged: the items may have been returned before, such as by a cancellation. */
  async #returnStock(refund: OrderRefund): Promise<void> {
    const { db, stock } = this.dependencies;
    const { tenantId, orderId, id } = refund;
    const items = await db.orderItem.findMany({ where: { tenantId, orderId } });
    const quantities = new Map<string, number>();
    for (const { position, quantity } of refund.lines) {
      const variantId = items.find((item) => item.position === position)?.variantId;
      if (variantId) quantities.set(variantId, (quantities.get(variantId) ?? 0) + quantity);
    }
    const lines = [...quantities].map(([variantId, quantity]) => ({ variantId, quantity }));
    const userErrors = await stock.returnStock(tenantId, orderId, id, lines);
    if (userErrors.length > 0) this.logger.warn({ orderId, refundId: id, userErrors }, 'refund without returned stock');
  }
}

/** What of a refund goes through the payment's provider; the rest goes to gift cards and store credit. */
const amountOfPayment = ({ amount, credits }: OrderRefund): bigint =>
  credits.reduce((left, share) => left - BigInt(share.amount), amount);

/** Writes the provider's result. A declined refund releases its amount for another one. @throws LeaseLost */
async function recordRefund(tx: Tx, payment: Payment, refund: OrderRefund, report: ProviderRefund): Promise<void> {
  const { tenantId, id, fence } = refund;
  const amount = amountOfPayment(refund);
  const failed = report.status === 'FAILED';
  await tx.payment.updateMany({
    where: { tenantId, id: payment.id },
    data: { version: { increment: 1 }, ...(failed && { refundedAmount: { decrement: amount } }) },
  });
  await appendTransaction(tx, payment, { kind: 'REFUND', amount, report, key: id });
  if (!failed) return recordSucceeded(tx, refund, report.reference);
  await changeRefunded(tx, refund, refund.credits, -1);
  const { count } = await tx.orderRefund.updateMany({
    where: { tenantId, id, fence, finishedAt: null },
    data: {
      status: 'FAILED',
      providerReference: report.reference,
      failureCode: report.failureCode,
      lastError: null,
    },
  });
  requireLease(count);
}

/** Gives the parts for gift cards and store credit to these. @param providerReference null when no money went back through a provider. @throws LeaseLost */
async function recordSucceeded(tx: Tx, refund: OrderRefund, providerReference: string | null): Promise<void> {
  const { tenantId, id, amount, fence, lines } = refund;
  const { count } = await tx.orderRefund.updateMany({
    where: { tenantId, id, fence, finishedAt: null },
    data: { status: 'SUCCEEDED', providerReference, failureCode: null, lastError: null },
  });
  requireLease(count);
  const isComplete = amount > 0n && (await updateRefundedStatus(tx, refund));
  await recordRefundedEvent(tx, { ...refund, minorUnits: amount, isComplete });
  if (lines.length > 0) await completeIfAllSent(tx, refund);
  // After the order's row was locked, as a cancellation does.
  await giveBack(tx, refund);
}
