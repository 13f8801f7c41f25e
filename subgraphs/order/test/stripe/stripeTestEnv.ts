import { Payments } from '../payments';
import { startOwnSubgraph } from '../startTestSubgraph';
import { StripeServer } from './stripeServer';
import { StripeStores } from './stripeStores';

/** A fake Stripe, an order subgraph that uses it, and stores with connected accounts. */
export async function startStripeTestEnv() {
  const stripe = await StripeServer.start();
  const order = await startOwnSubgraph(stripe.env);
  const payments = new Payments(order);
  return {
    stripe,
    order,
    payments,
    stores: new StripeStores(order, payments, stripe),
    close: async () => {
      await order.close();
      await stripe.close();
    },
  };
}

export type StripeTestEnv = Awaited<ReturnType<typeof startStripeTestEnv>>;
