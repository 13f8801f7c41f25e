import type { Caller } from '../shared/caller';
import { CallerContext } from '../shared/callerContext';
import type { PlacementSaga } from './checkout/placementSaga';
import type { Db } from './database';
import { createOrderLoaders, type OrderLoaders } from './orders/order.loaders';
import { createPaymentLoaders, type PaymentLoaders } from './payment/payment.loaders';
import type { RefundWork } from './payment/refundWork';

export class Context extends CallerContext {
  private made?: OrderLoaders & PaymentLoaders;

  constructor(
    caller: Caller,
    readonly db: Db,
    readonly saga: PlacementSaga,
    readonly refunds: RefundWork,
  ) {
    super(caller);
  }

  /** Of this request alone: a loader remembers what its caller may see. */
  get loaders(): OrderLoaders & PaymentLoaders {
    this.made ??= { ...createOrderLoaders(this), ...createPaymentLoaders(this) };
    return this.made;
  }
}
