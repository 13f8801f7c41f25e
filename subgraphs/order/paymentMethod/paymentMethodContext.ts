import type { Context } from '../context';
import type { PaymentProviders } from '../payment/paymentProvider';

/** The context of what depends on the providers of this installation. */
export type PaymentMethodContext = Context & { services: { providers: PaymentProviders } };
