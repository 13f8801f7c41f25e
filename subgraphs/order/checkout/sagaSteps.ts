import { LeaseLost } from '../../shared/lease';
import { cancelOrder } from '../cancellation/cancelOrder';
import type { SagaDefinition } from '../saga/sagaStep';
import type { CheckoutDependencies, CheckoutMemo } from './checkoutSaga';
import { confirmOrder } from './confirmStep';
import { authorizePayment, capturePayment, unlessProviderIsCalled, voidPayment } from './paymentSteps';
import { commitStock, releaseStock, reserveStock } from './stockSteps';

/**
 * What happens to an order outside of order_db, step by step. Each step may run more than once, and its end is written before the
 * next begins, so that any process can go on from there:
 *
 *   RESERVE_STOCK ──▶ AUTHORIZE_PAYMENT ──▶ CONFIRM ──▶ COMMIT_STOCK ──▶ CAPTURE_PAYMENT ──▶ DONE
 *         │ none left        │ declined        │ too late     │ lost
 *         ▼                  ▼                 ▼              ▼
 *   RELEASE_STOCK ◀──────────┴──── VOID_PAYMENT ┴─────────────┘        (the order is CANCELED)
 *         └──▶ DONE
 *
 * `run` calls another system; `runInTransaction` runs in the transaction that moves the saga to the step. So no saga is ever found at CONFIRM,
 * and one whose payment provider calls no other system goes from RESERVE_STOCK to COMMIT_STOCK, and from there to DONE, in one transaction each.
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
