import type { OrderSaga } from '../generated/prisma/client';
import type { OrderSagaState, OrderSagaStep, Resolvers } from '../generated/resolvers';
import { seesAllOrders } from '../orders/visibility';
import { orderSagaRetry } from './orderSagaRetry.service';
import { sagaByOrderId } from './saga.loaders';
import { ATTENTION_AFTER } from './sagaLease';
import { COMPENSATIONS } from './sagaStep';

export const sagaResolvers: Resolvers = {
  Mutation: {
    orderSagaRetry: (_root, { id }, ctx) => orderSagaRetry(ctx, id),
  },
  Order: {
    saga: ({ id }, _args, ctx) => (seesAllOrders(ctx) ? sagaByOrderId(ctx).load(id) : null),
  },
  OrderSaga: {
    state: stateOf,
    steps: (saga) => [...saga.steps, ...currentStep(saga)],
  },
};

function stateOf({ finishedAt, attempts, step }: OrderSaga): OrderSagaState {
  if (finishedAt) return 'DONE';
  if (attempts >= ATTENTION_AFTER) return 'NEEDS_ATTENTION';
  return COMPENSATIONS.includes(step) ? 'COMPENSATING' : 'RUNNING';
}

/** The current step of a saga. Earlier steps are stored; the later ones depend on its result. */
function currentStep({ finishedAt, step, attempts, stepStartedAt, lastError }: OrderSaga): OrderSagaStep[] {
  if (finishedAt || step === 'DONE') return [];
  const status = attempts === 0 ? 'RUNNING' : 'RETRYING';
  return [{ name: step, status, attempts, startedAt: stepStartedAt, finishedAt: null, lastError }];
}
