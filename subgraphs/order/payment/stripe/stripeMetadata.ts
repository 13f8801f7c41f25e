import type Stripe from 'stripe';
import { z } from 'zod';
import type { HeldPayment } from '../paymentProvider';
import { OutcomeUnknown } from '../paymentProvider';

/** The clocks of two machines may differ by ten minutes. */
const CLOCKS_DIFFER = 900;
const A_DAY = 86_400;
/** A store that takes more payments than this in the time looked at is asked again later. */
const MAX_LOOKED_AT = 2_000;

/** What a payment is called at Stripe. It is on the refunds, and Stripe copies it to the charges, too. */
export const metadataOf = ({ tenantId, orderId, id }: HeldPayment) => ({
  tenant_id: tenantId,
  order_id: orderId,
  payment_id: id,
});

/** … as anybody may have written it who has an account at Stripe: what it names has to be compared. */
export const claimedMetadata = z.object({
  tenant_id: z.string().regex(/^org_\w{1,100}$/),
  order_id: z.string().regex(/^ord_\w{1,100}$/),
  refund_id: z
    .string()
    .regex(/^ref_\w{1,100}$/)
    .optional(),
});
export type ClaimedMetadata = z.output<typeof claimedMetadata>;

export const ofAccount = ({ providerAccount }: HeldPayment): { stripeAccount: string } => {
  if (!providerAccount) throw new Error('A payment at Stripe has no account');
  return { stripeAccount: providerAccount };
};

/**
 * The intent that was made for a payment whose reference is not known. Listed and not searched for: Stripe's search may be
 * a minute behind. Of several, one that is not canceled. @throws OutcomeUnknown when there are too many to look at.
 */
export async function listOfPayment(stripe: Stripe, payment: HeldPayment): Promise<Stripe.PaymentIntent | null> {
  const began = Math.floor(payment.createdAt.getTime() / 1000);
  const created = { gte: began - CLOCKS_DIFFER, lte: began + A_DAY };
  let canceled: Stripe.PaymentIntent | null = null;
  let lookedAt = 0;
  for await (const intent of stripe.paymentIntents.list({ created, limit: 100 }, ofAccount(payment))) {
    if (intent.metadata.payment_id === payment.id) {
      if (intent.status !== 'canceled') return intent;
      canceled = intent;
    }
    lookedAt += 1;
    if (lookedAt === MAX_LOOKED_AT) throw new OutcomeUnknown('Too many payments to look at');
  }
  return canceled;
}
