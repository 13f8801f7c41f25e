import { z } from 'zod';
import { claimedMetadata } from './stripeMetadata';

const envelope = z.object({
  id: z.string().regex(/^evt_\w{1,100}$/),
  type: z.string(),
  /** Of the connected account that it happened on. */
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

/** The types that have an effect here, and what of their object is read. */
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

/** A delivery whose signature verifies: what it says is Stripe's word on that account, what it names is anybody's. */
export interface StripeEvent {
  id: string;
  type: keyof typeof OBJECTS;
  account: string | null;
  /** Of the payment at Stripe; null where it was none. */
  intentId: string | null;
  claimed: z.output<typeof claimedMetadata>;
  /** What the payment is for, where the event tells; of Stripe's counting. */
  sum: { amount: number; currencyCode: string } | null;
  /** How much of it went back until then, where the event tells. */
  amountRefunded: number | null;
  refundStatus: string | null;
}

/** Null for what is not of this system's making: other types, and what an account does beside it. */
export function readStripeEvent(given: unknown): StripeEvent | null {
  const { data: event } = envelope.safeParse(given);
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

/** For a count: a type as it is named, where it is one that is used. */
export const typeForCount = (type: unknown): string => (typeof type === 'string' && isUsed(type) ? type : 'other');

const isUsed = (type: string): type is keyof typeof OBJECTS => Object.hasOwn(OBJECTS, type);
