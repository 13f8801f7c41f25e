import type Stripe from 'stripe';
import { z } from 'zod';
import type { PaymentState } from '../paymentProvider';
import { OutcomeUnknown } from '../paymentProvider';
import { toStripeAmount } from './stripeAmount';

/** The clocks of Stripe and the database may differ by ten minutes; this tolerates more. */
const CLOCK_SKEW_SECONDS = 900;
const DAY_SECONDS = 86_400;
/** When a store has more payments in this time, the look-up fails and is retried later. */
const MAX_LISTED = 2_000;

/** Metadata that identifies a payment at Stripe: on PaymentIntents and refunds; Stripe copies it to the charges. */
export const metadataOf = ({ tenantId, orderId, id }: PaymentState) => ({
  tenant_id: tenantId,
  order_id: orderId,
  payment_id: id,
});

/** Metadata as received. Anyone with a connected account can write it, so it has to be checked against our own data. */
export const claimedMetadata = z.object({
  tenant_id: z.string().regex(/^org_\w{1,100}$/),
  order_id: z.string().regex(/^ord_\w{1,100}$/),
  refund_id: z
    .string()
    .regex(/^ref_\w{1,100}$/)
    .optional(),
});

/** A payment at Stripe whose metadata names an order, as an event tells of it. */
interface ClaimedPayment {
  account: string | null;
  intentId: string | null;
  /** In Stripe's units; null where it is not known. */
  sum: { amount: number; currencyCode: string } | null;
}

/** Why what an event tells of is not this payment, although its metadata names it; null when it is. */
export function faultOfClaim(payment: PaymentState, { account, intentId, sum }: ClaimedPayment): string | null {
  if (account !== payment.providerAccount) return 'Another account at Stripe named this order in its metadata.';
  if (payment.providerReference && intentId !== payment.providerReference) {
    return 'Another payment at Stripe names this order in its metadata.';
  }
  const expected = toStripeAmount(payment.amount, payment.currencyCode);
  if (sum && (sum.currencyCode !== payment.currencyCode || sum.amount !== expected)) {
    return `The payment at Stripe is of ${sum.amount} ${sum.currencyCode}, which is not what the order costs.`;
  }
  return null;
}

export const ofAccount = ({ providerAccount }: PaymentState): { stripeAccount: string } => {
  if (!providerAccount) throw new Error('A payment at Stripe has no account');
  return { stripeAccount: providerAccount };
};

/**
 * The PaymentIntent of a payment whose reference is not known, because the answer was lost. By listing and not by searching: Stripe's search
 * index may be a minute behind. Of several, one that is not canceled. @throws OutcomeUnknown when there are too many to list.
 */
export async function findIntentByListing(stripe: Stripe, payment: PaymentState): Promise<Stripe.PaymentIntent | null> {
  const began = Math.floor(payment.createdAt.getTime() / 1000);
  const created = { gte: began - CLOCK_SKEW_SECONDS, lte: began + DAY_SECONDS };
  let canceled: Stripe.PaymentIntent | null = null;
  let listed = 0;
  for await (const intent of stripe.paymentIntents.list({ created, limit: 100 }, ofAccount(payment))) {
    if (intent.metadata.payment_id === payment.id) {
      if (intent.status !== 'canceled') return intent;
      canceled = intent;
    }
    listed += 1;
    if (listed === MAX_LISTED) throw new OutcomeUnknown('Too many payments to list');
  }
  return canceled;
}
