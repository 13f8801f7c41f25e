import { LeaseLost } from '../../shared/lease';
import { cancelOrder } from '../cancellation/cancelOrder';
import type { SagaDefinition } from '../saga/sagaStep';
import type { CheckoutDependencies, CheckoutMemo } from './checkoutSaga';
import { confirmOrder } from './confirmStep';
import { authorizePayment, capturePayment, unlessProviderIsCalled, voidPayment } from './paymentSteps';
import { commitStock, releaseStock, reserveStock } from './stockSteps';

/**
 * The saga of an order: its steps in other services. Each step may run more than once, and its result is written before the next one
 * starts, so that any process can resume from there:
 *
 *   RESERVE_STOCK ──▶ AUTHORIZE_PAYMENT ──▶ CONFIRM ──▶ COMMIT_STOCK ──▶ CAPTURE_PAYMENT ──▶ DONE
 *         │ out of stock     │ declined        │ too late     │ lost
 *         ▼                  ▼                 ▼              ▼
 *   RELEASE_STOCK ◀──────────┴──── VOID_PAYMENT ┴─────────────┘        (the order is CANCELED)
 *         └──▶ DONE
 *
 * `run` calls another system; `runInTransaction` runs in the transaction that moves the saga to the step. So recovery never finds a saga at
 * CONFIRM, and with a payment provider that calls no other system a saga has two transactions: RESERVE_STOCK to COMMIT_STOCK, and on to DONE.
 */
export const ORDER_SAGA: SagaDefinition<CheckoutDependencies, CheckoutMemo> = {
  steps: {
    RESERVE_STOCK: { run: reserveStock, next: 'AUTHORIZE_PAYMENT', otherwise: 'RELEASE_STOCK', order: 'PENDING' },
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

  async cancel(tx, { tenantId, orderId }, from, refusal) {
    const reason = refusal.map(({ code }) => code).join(', ');
    const events = await cancelOrder(tx, { tenantId, orderId, from, reason, actorId: null, impersonatorId: null });
    if (!events) throw new LeaseLost();
    return events;
  },

  keepMemo: ({ payment }) => (payment === undefined ? {} : { payment }),
};
