import { COMPENSATIONS } from '../checkout/sagaSteps';
import type { OrderSaga } from '../generated/prisma/client';
import type { OrderSagaState, OrderSagaStep, Resolvers } from '../generated/resolvers';
import { seesAllOrders } from '../orders/visibility';
import { orderSagaRetry } from './orderSagaRetry.service';
import { ATTENTION_AFTER } from './sagaLease';

export const sagaResolvers: Resolvers = {
  Mutation: {
    orderSagaRetry: (_root, { id }, ctx) => orderSagaRetry(ctx, id),
  },
  Order: {
    saga: ({ id }, _args, ctx) => (seesAllOrders(ctx) ? ctx.loaders.sagaByOrderId.load(id) : null),
  },
  OrderSaga: {
    state: stateOf,
    steps: (saga) => [...saga.steps, ...stepAhead(saga)],
  },
};

function stateOf({ finishedAt, attempts, step }: OrderSaga): OrderSagaState {
  if (finishedAt) return 'DONE';
  if (attempts >= ATTENTION_AFTER) return 'NEEDS_ATTENTION';
  return COMPENSATIONS.includes(step) ? 'COMPENSATING' : 'RUNNING';
}

/** The step that a saga is at; what is behind it is written down, what may come after is not known yet. */
function stepAhead({ finishedAt, step, attempts, stepStartedAt, lastError }: OrderSaga): OrderSagaStep[] {
  if (finishedAt || step === 'DONE') return [];
  const status = attempts === 0 ? 'RUNNING' : 'RETRYING';
  return [{ name: step, status, attempts, startedAt: stepStartedAt, finishedAt: null, lastError }];
}
