import { customer, freshTenantId } from '../../../shared/test/askSubgraph';
import { finishedSagas, orderCreate, orderInput } from '../factories';
import type { Payments, Read } from '../payments';
import type { OrderSubgraphUnderTest } from '../startTestSubgraph';
import { addMethod } from '../testMethod';
import type { StripeAccount } from './stripeObjects';
import type { StripeServer } from './stripeServer';

/** The payment method by Stripe of every store here. */
const STRIPE_METHOD = 'pmth_stripe';

export const byStripe = (paymentToken: string | null = 'pm_card_visa') =>
  orderInput({ paymentMethodId: STRIPE_METHOD, paymentToken });

export const intentsOf = ({ intents }: StripeAccount): Read[] => [...intents.values()];

/** Stores with a connected account at Stripe. */
export class StripeStores {
  constructor(
    private readonly order: OrderSubgraphUnderTest,
    private readonly payments: Payments,
    private readonly stripe: StripeServer,
  ) {}

  async open(captureMode = 'AUTOMATIC'): Promise<{ tenantId: string; account: StripeAccount }> {
    const tenantId = freshTenantId();
    const account = this.stripe.connect(tenantId);
    const { userErrors } = await this.payments.settingsUpdate(tenantId, { captureMode, stripeAccountId: account.id });
    if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors));
    await addMethod(this.order.ownerUrl, tenantId, STRIPE_METHOD, 'STRIPE');
    return { tenantId, account };
  }

  /** @returns the order's id. */
  async buy(tenantId: string, input = byStripe()): Promise<string> {
    const { order: made, userErrors } = await orderCreate(this.order, customer(tenantId), input);
    if (!made) throw new Error(JSON.stringify(userErrors));
    return made.id;
  }

  /** A store with an order whose saga is finished, and its objects at Stripe. */
  async sold(captureMode = 'AUTOMATIC') {
    const store = await this.open(captureMode);
    const id = await this.buy(store.tenantId);
    await finishedSagas(this.order.ownerUrl, store.tenantId);
    return { ...store, id, intent: intentsOf(store.account)[0] };
  }
}
