import type Stripe from 'stripe';
import { z } from 'zod';
import { runInScope } from '../../../shared/scope';
import type { Db } from '../../database';
import type { ProviderDispute } from '../../dispute/disputeState';
import { DisputeChanged, recordDispute } from '../../dispute/recordDispute';
import type { OrderDisputeStatus, Payment } from '../../generated/prisma/client';
import { fromStripeAmount } from './stripeAmount';
import { answerOf, StripeRefusal } from './stripeClient';
import { type StripeEventResult, stripeEnvelope } from './stripeEvent';
import { processOnce } from './stripeInbox';
import { claimedMetadata, faultOfClaim } from './stripeMetadata';
import { flagPayment } from './stripeReview';

const MAX_ATTEMPTS = 3;

const disputeEvent = stripeEnvelope.extend({
  type: z.string().startsWith('charge.dispute.'),
  account: z.string(),
  data: z.object({
    object: z.object({
      id: z.string().regex(/^d[up]_\w{1,100}$/),
      payment_intent: z.string().regex(/^pi_\w{1,100}$/),
    }),
  }),
});

/** An event about a dispute. It has none of our metadata: Stripe copies that to charges, but not to their disputes. */
export interface StripeDisputeEvent {
  id: string;
  account: string;
  disputeId: string;
  intentId: string;
}

/** @returns null for other types, and for disputes of payments without a PaymentIntent, which this system does not make. */
export function readStripeDisputeEvent(given: unknown): StripeDisputeEvent | null {
  const { data: event } = disputeEvent.safeParse(given);
  if (!event) return null;
  const { id: disputeId, payment_intent: intentId } = event.data.object;
  return { id: event.id, account: event.account, disputeId, intentId };
}

interface DisputeDependencies {
  db: Db;
  stripe: Stripe;
}

/**
 * Takes in a dispute. The order is found by the metadata of the disputed PaymentIntent, and the dispute is read from Stripe, because events come
 * in any order and more than once. @throws what the database or Stripe throws: nothing was written, and Stripe has to send the event again.
 */
export async function processStripeDispute(
  dependencies: DisputeDependencies,
  event: StripeDisputeEvent,
): Promise<StripeEventResult> {
  const intent = await found(
    dependencies.stripe.paymentIntents.retrieve(event.intentId, {}, { stripeAccount: event.account }),
  );
  const { data: claimed } = claimedMetadata.safeParse(intent?.metadata);
  if (!claimed) return intent ? 'ignored' : 'refused';
  const { tenant_id: tenantId, order_id: orderId } = claimed;
  return runInScope({ tenantId }, async () => {
    const { db } = dependencies;
    const payment = await db.payment.findFirst({ where: { tenantId, orderId, provider: 'STRIPE' } });
    if (!payment) return 'refused';
    const fault = faultOfClaim(payment, { ...event, sum: null });
    if (fault) return processOnce(db, { tenantId, eventId: event.id }, (tx) => flagPayment(tx, payment, fault));
    return takeIn(dependencies, payment, event, 1);
  });
}

/** Reads the row first and Stripe afterwards: see recordDispute. */
async function takeIn(
  { db, stripe }: DisputeDependencies,
  payment: Payment,
  { id: eventId, account, disputeId }: StripeDisputeEvent,
  attempt: number,
): Promise<StripeEventResult> {
  const { tenantId } = payment;
  const before = await db.orderDispute.findFirst({ where: { tenantId, providerReference: disputeId } });
  const dispute = await found(stripe.disputes.retrieve(disputeId, {}, { stripeAccount: account }));
  if (!dispute || dispute.payment_intent !== payment.providerReference) return 'refused';
  try {
    return await processOnce(db, { tenantId, eventId }, async (tx) =>
      (await recordDispute(tx, payment, before, reportOf(dispute))) ? 'applied' : 'ignored',
    );
  } catch (error) {
    if (!(error instanceof DisputeChanged) || attempt === MAX_ATTEMPTS) throw error;
    return takeIn({ db, stripe }, payment, { id: eventId, account, disputeId, intentId: '' }, attempt + 1);
  }
}

/** Null for what the account does not have. */
async function found<Answer>(request: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answerOf(request);
  } catch (error) {
    if (error instanceof StripeRefusal) return null;
    throw error;
  }
}

/** https://docs.stripe.com/api/disputes/object#dispute_object-status Of one that Stripe adds later, staff read more at Stripe. */
const STATUS: Partial<Record<string, OrderDisputeStatus>> = {
  warning_needs_response: 'INQUIRY_NEEDS_RESPONSE',
  warning_under_review: 'INQUIRY_UNDER_REVIEW',
  warning_closed: 'INQUIRY_CLOSED',
  needs_response: 'NEEDS_RESPONSE',
  appeal_needs_response: 'NEEDS_RESPONSE',
  prevented: 'PREVENTED',
  won: 'WON',
  lost: 'LOST',
};

function reportOf({
  id,
  status,
  reason,
  amount,
  currency,
  created,
  evidence_details,
}: Stripe.Dispute): ProviderDispute {
  const currencyCode = currency.toUpperCase();
  const dueBy = evidence_details?.due_by;
  return {
    reference: id,
    status: STATUS[status] ?? 'UNDER_REVIEW',
    reason,
    amount: fromStripeAmount(amount, currencyCode),
    currencyCode,
    evidenceDueAt: dueBy ? new Date(dueBy * 1000) : null,
    openedAt: new Date(created * 1000),
  };
}
