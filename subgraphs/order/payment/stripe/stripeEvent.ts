import { z } from 'zod';
import { claimedMetadata } from './stripeMetadata';

export const stripeEnvelope = z.object({
  id: z.string().regex(/^evt_\w{1,100}$/),
  type: z.string(),
  /** The id of the connected account of the event. */
  account: z.string().nullish(),
  data: z.object({ object: z.looseObject({}) }),
});

const intentId = z
  .string()
  .regex(/^pi_\w{1,100}$/)
  .nullish();

const intent = z.object({
  id: z.string().regex(/^pi_\w{1,100}$/),
  amount: z.int(),
  currency: z.string(),
  metadata: claimedMetadata,
});
const charge = z.object({ payment_intent: intentId, amount_refunded: z.int(), metadata: claimedMetadata });
const refund = z.object({ payment_intent: intentId, status: z.string().nullish(), metadata: claimedMetadata });

/** The types of events that have an effect, with the schema of their objects. */
const OBJECTS = {
  'payment_intent.succeeded': intent,
  'payment_intent.amount_capturable_updated': intent,
  'payment_intent.payment_failed': intent,
  'payment_intent.canceled': intent,
  'charge.refunded': charge,
  'charge.refund.updated': refund,
  'refund.updated': refund,
  'refund.failed': refund,
} as const;

/** An event with a verified signature: type and account are Stripe's, but metadata can be written by anyone with a connected account. */
export interface StripeEvent {
  id: string;
  type: keyof typeof OBJECTS;
  account: string | null;
  /** The PaymentIntent; null where the event has none. */
  intentId: string | null;
  claimed: z.output<typeof claimedMetadata>;
  /** Of the PaymentIntent, in Stripe's units; null where the event does not say. */
  sum: { amount: number; currencyCode: string } | null;
  /** Refunded in total, in Stripe's units; null where the event does not say. */
  amountRefunded: number | null;
  refundStatus: string | null;
}

/**
 * The result of processing an event. `repeated`: it was processed before. `ignored`: it has nothing new, or the saga will ask Stripe
 * anyway. `refused`: it names an order that the store does not have. `flagged`: staff have to look at the payment.
 */
export type StripeEventResult = 'applied' | 'repeated' | 'ignored' | 'refused' | 'flagged';

/** @returns null for other types, and for payments of the account that were not made by this system. */
export function readStripeEvent(given: unknown): StripeEvent | null {
  const { data: event } = stripeEnvelope.safeParse(given);
  if (!event || !isUsed(event.type)) return null;
  const { data: object } = OBJECTS[event.type].safeParse(event.data.object);
  if (!object) return null;
  return {
    id: event.id,
    type: event.type,
    account: event.account ?? null,
    intentId: ('id' in object ? object.id : object.payment_intent) ?? null,
    claimed: object.metadata,
    sum: 'currency' in object ? { amount: object.amount, currencyCode: object.currency.toUpperCase() } : null,
    amountRefunded: 'amount_refunded' in object ? object.amount_refunded : null,
    refundStatus: 'status' in object ? (object.status ?? null) : null,
  };
}

/** Read by stripeDispute.ts. */
const DISPUTES: readonly string[] = ['created', 'updated', 'closed', 'funds_withdrawn', 'funds_reinstated'].map(
  (what) => `charge.dispute.${what}`,
);

/** The type as a metric's label: "other" for types that are not used, to bound the number of labels. */
export const typeLabel = (type: unknown): string =>
  typeof type === 'string' && (isUsed(type) || DISPUTES.includes(type)) ? type : 'other';

const isUsed = (type: string): type is keyof typeof OBJECTS => Object.hasOwn(OBJECTS, type);
