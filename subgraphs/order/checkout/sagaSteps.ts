import type { OrderStatus, SagaStep } from '../generated/prisma/client';
import type { Step, StepWithin } from '../saga/stepResult';
import { confirm } from './confirmStep';
import { authorizePayment, capturePayment, unlessAsking, voidPayment } from './paymentSteps';
import { commitStock, releaseStock, reserveStock } from './stockSteps';

/**
 * What happens to an order outside of order_db, step by step. Each step may be repeated, and is written down before the
 * next begins, so that any process can go on from it:
 *
 *   RESERVE_STOCK ──▶ AUTHORIZE_PAYMENT ──▶ CONFIRM ──▶ COMMIT_STOCK ──▶ CAPTURE_PAYMENT ──▶ DONE
 *         │ none left        │ declined        │ too late     │ lost
 *         ▼                  ▼                 ▼              ▼
 *   RELEASE_STOCK ◀──────────┴──── VOID_PAYMENT ┴─────────────┘        (the order is CANCELED)
 *         └──▶ DONE
 *
 * `run` calls another system; `within` is done in the transaction that leads to the step. So no saga is ever found at CONFIRM, and one
 * whose payment's provider takes it at its word goes from its stock to COMMIT_STOCK, and from there to DONE, in one transaction each.
 * `order` is what the order is while the step is ahead: what a refusal cancels it from.
 */
export const STEPS: Record<SagaStep, Definition> = {
  RESERVE_STOCK: { run: reserveStock, next: 'AUTHORIZE_PAYMENT', otherwise: 'RELEASE_STOCK', order: 'PENDING' },
  AUTHORIZE_PAYMENT: {
    run: authorizePayment,
    within: unlessAsking(authorizePayment),
    next: 'CONFIRM',
    otherwise: 'VOID_PAYMENT',
    order: 'PENDING',
  },
  CONFIRM: { within: confirm, next: 'COMMIT_STOCK', otherwise: 'VOID_PAYMENT', order: 'PENDING' },
  COMMIT_STOCK: { run: commitStock, next: 'CAPTURE_PAYMENT', otherwise: 'VOID_PAYMENT', order: 'CONFIRMED' },
  CAPTURE_PAYMENT: { run: capturePayment, within: unlessAsking(capturePayment), next: 'DONE' },
  VOID_PAYMENT: { run: voidPayment, next: 'RELEASE_STOCK' },
  RELEASE_STOCK: { run: releaseStock, next: 'DONE' },
  DONE: { next: 'DONE' },
};

/** The steps that undo. */
export const COMPENSATIONS: readonly SagaStep[] = ['VOID_PAYMENT', 'RELEASE_STOCK'];

interface Definition {
  run?: Step;
  within?: StepWithin;
  next: SagaStep;
  /** Where a refusal leads; a step without it is not refused, it is tried until it is done. */
  otherwise?: SagaStep;
  order?: OrderStatus;
}
