import type { AdmissionControl } from '../../shared/admission';
import type { GuessLimits } from '../../shared/guessLimits';
import type { CatalogClient } from '../catalog/catalogClient';
import type { HookServices } from '../checkoutHook/hookContext';
import type { Context } from '../context';
import type { OrderLinks } from '../orders/orderLinks';
import type { PaymentProviders } from '../payment/paymentProvider';
import type { SagaEngine } from '../saga/sagaEngine';
import type { CheckoutDependencies, CheckoutMemo } from './checkoutSaga';

export interface CheckoutServices {
  saga: SagaEngine<CheckoutDependencies, CheckoutMemo>;
  catalog: CatalogClient;
  providers: PaymentProviders;
  admission: AdmissionControl;
  links: OrderLinks;
  /** Of discount codes. */
  guesses: GuessLimits;
  hooks: HookServices;
}

/** The context and services of placing an order. */
export type CheckoutContext = Context & { services: CheckoutServices };
