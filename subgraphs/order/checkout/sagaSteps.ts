import { LeaseLost } from '../../shared/lease';
import { cancelOrder } from '../cancellation/cancelOrder';
import type { SagaDefinition } from '../saga/sagaStep';
import type { CheckoutDependencies, CheckoutMemo } from './checkoutSaga';
import { confirmOrder } from './confirmStep';
import { spendCredit } from './creditStep';
import { authorizePayment, capturePayment, unlessProviderIsCalled, voidPayment } from './paymentSteps';
import { commitStock, releaseStock, reserveStock } from './stockSteps';

/**
 * The saga of an order: its steps in other services. Each step may run more than once, and its result is written before the next one
 * starts, so that any process can resume from there:
 *
 *   RESERVE_STOCK ──▶ SPEND_CREDIT ──▶ AUTHORIZE_PAYMENT ──▶ CONFIRM ──▶ COMMIT_STOCK ──▶ CAPTURE_PAYMENT ──▶ DONE
 *         │ out of stock   │ too little      │ declined       │ too late     │ lost
 *         ▼                ▼                 ▼                ▼              ▼
 *   RELEASE_STOCK ◀────────┴──────────── VOID_PAYMENT ────────┴──────────────┘        (the order is CANCELED)
 *         └──▶ DONE
 *
 * The transaction that cancels an order gives its gift cards and store credit back.
 *
 * `run` calls another system; `runInTransaction` runs in the transaction that moves the saga to the step. So recovery never finds a saga at
 * SPEND_CREDIT or CONFIRM, and with a payment provider that calls no other system a saga has two transactions: RESERVE_STOCK to COMMIT_STOCK, and on to DONE.
 */
export const ORDER_SAGA: SagaDefinition<CheckoutDependencies, CheckoutMemo> = {
  steps: {
    RESERVE_STOCK: { run: reserveStock, next: 'SPEND_CREDIT', otherwise: 'RELEASE_STOCK', order: 'PENDING' },
    SPEND_CREDIT: {
      runInTransaction: spendCredit,
      next: 'AUTHORIZE_PAYMENT',
      otherwise: 'VOID_PAYMENT',
      order: 'PENDING',
    },
    AUTHORIZE_PAYMENT: {
      run: authorizePayment,
      runInTransaction: unlessProviderIsCalled(authorizePayment),
      next: 'CONFIRM',
      otherwise: 'VOID_PAYMENT',
      order: 'PENDING',
    },
    CONFIRM: { runInTransaction: confirmOrder, next: 'COMMIT_STOCK', otherwise: 'VOID_PAYMENT', order: 'PENDING' },
    COMMIT_STOCK: { run: commitStock, next: 'CAPTURE_PAYMENT', otherwise: 'VOID_PAYMENT', order: 'CONFIRMED' },
    CAPTURE_PAYMENT: {
      run: capturePayment,
      runInTransaction: unlessProviderIsCalled(capturePayment),
      next: 'DONE',
    },
    VOID_PAYMENT: { run: voidPayment, next: 'RELEASE_STOCK' },
    RELEASE_STOCK: { run: releaseStock, next: 'DONE' },
    DONE: { next: 'DONE' },
  },

  async cancel(tx, { tenantId, orderId, refund }, from, refusal) {
    const reason = refusal.map(({ code }) => code).join(', ');
    const events = await cancelOrder(tx, {
      tenantId,
      orderId,
      from,
      reason,
      refund,
      actorId: null,
      impersonatorId: null,
    });
    if (!events) throw new LeaseLost();
    return events;
  },

  keepMemo: ({ payment }) => (payment === undefined ? {} : { payment }),
};
