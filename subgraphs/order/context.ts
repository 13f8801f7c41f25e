import type { Caller } from '../shared/caller';
import { graphqlError } from '../shared/errors';
import { StoreContext } from '../shared/stores/storeContext';
import { type CartLoaders, createCartLoaders } from './cart/cart.loaders';
import type { CatalogClient } from './catalog/catalogClient';
import type { AdmissionControl } from './checkout/admission';
import { type CustomerLoaders, createCustomerLoaders } from './customer/customer.loaders';
import type { Db } from './database';
import { createOrderLoaders, type OrderLoaders } from './orders/order.loaders';
import type { OrderLinks } from './orders/orderLinks';
import { createPaymentLoaders, type PaymentLoaders } from './payment/payment.loaders';
import type { PaymentProviders } from './payment/paymentProvider';
import type { RefundWork } from './payment/refundWork';
import type { SagaEngine } from './saga/sagaEngine';
import { createSalesLoaders, type SalesLoaders } from './sales/sales.loaders';

type Loaders = OrderLoaders & PaymentLoaders & CartLoaders & CustomerLoaders & SalesLoaders;

const MAX_CODES = 5;

export class Context extends StoreContext {
  private made?: Loaders;
  private codesTried = 0;
  private lookedUp = false;

  constructor(
    caller: Caller,
    readonly db: Db,
    readonly saga: SagaEngine,
    readonly refunds: RefundWork,
    readonly catalog: CatalogClient,
    readonly links: OrderLinks,
    readonly providers: PaymentProviders,
    readonly admission: AdmissionControl,
    private readonly goneSignal: () => AbortSignal,
  ) {
    super(caller);
  }

  /** Aborted when nobody waits for this request's answer any more. */
  get gone(): AbortSignal {
    return this.goneSignal();
  }

  /** Of this request alone: a loader remembers what its caller may see. */
  get loaders(): Loaders {
    this.made ??= {
      ...createOrderLoaders(this),
      ...createPaymentLoaders(this),
      ...createCartLoaders(this),
      ...createCustomerLoaders(this),
      ...createSalesLoaders(this),
    };
    return this.made;
  }

  /** A request tries a few discount codes, and does not look for one. @throws GraphQLError THROTTLED */
  countCodeTried(): void {
    this.codesTried += 1;
    if (this.codesTried > MAX_CODES) throw graphqlError('THROTTLED', `One request names up to ${MAX_CODES} codes.`);
  }

  /** True the first time that a request asks. */
  mayLookUp(): boolean {
    const isFirst = !this.lookedUp;
    this.lookedUp = true;
    return isFirst;
  }
}
