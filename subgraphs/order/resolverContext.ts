import type { Caller } from '../shared/caller';
import type { CartServices } from './cart/cartContext';
import type { CheckoutServices } from './checkout/checkoutContext';
import { Context } from './context';
import type { Db } from './database';
import type { RefundWorker } from './payment/refundWorker';

/** The services of all features, made once by server.ts. Each feature declares those that it needs. */
export interface Services extends CartServices, CheckoutServices {
  refunds: RefundWorker;
}

/** The context of resolvers. */
export class ResolverContext extends Context {
  constructor(
    caller: Caller,
    db: Db,
    abortSignal: () => AbortSignal,
    readonly services: Services,
  ) {
    super(caller, db, abortSignal);
  }
}
