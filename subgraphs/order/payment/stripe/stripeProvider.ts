import type Stripe from 'stripe';
import {
  type Capture,
  OutcomeUnknown,
  type PaymentProvider,
  type PaymentState,
  type ProviderPayment,
  type ProviderRefund,
} from '../paymentProvider';
import { fromStripeAmount, toStripeAmount } from './stripeAmount';
import { answerOf, StripeRefusal, underKey } from './stripeClient';
import { findIntentByListing, metadataOf, ofAccount } from './stripeMetadata';

/**
 * Stripe, on the store's connected account: a PaymentIntent with manual capture for each payment. Every request has an idempotency key,
 * made of the id of the order or refund, and metadata by which its result is found when the answer was lost.
 */
export function stripeProvider(stripe: Stripe, publishableKey: string | null): PaymentProvider {
  const intents = stripe.paymentIntents;

  async function find(payment: PaymentState): Promise<Stripe.PaymentIntent | null> {
    const { providerReference } = payment;
    if (!payment.providerAccount) return null;
    if (providerReference) return answerOf(intents.retrieve(providerReference, WITH_CHARGE, ofAccount(payment)));
    return answerOf(findIntentByListing(stripe, payment));
  }

  /** The answer; or the current payment, when Stripe declines the request because of the payment's state. */
  async function answerOrState(
    payment: PaymentState,
    request: Promise<Stripe.PaymentIntent>,
  ): Promise<ProviderPayment> {
    try {
      return stateOf(payment, await request);
    } catch (error) {
      if (!(error instanceof StripeRefusal)) throw error;
      const intent = await find(payment);
      if (!intent) throw new OutcomeUnknown('Stripe has lost a payment');
      return { ...stateOf(payment, intent), failureCode: error.code };
    }
  }

  return {
    publishableKey,
    holdsMoney: true,
    isLocal: () => false,

    async authorize(payment, key) {
      const params = intentOf(payment);
      if (typeof params === 'string') return declined(payment, params);
      try {
        const create = (key: string) => intents.create(params, { ...ofAccount(payment), idempotencyKey: key });
        return stateOf(payment, await underKey(key, create, () => find(payment)));
      } catch (error) {
        if (error instanceof StripeRefusal) return declined(payment, error.code, error.intent);
        throw error;
      }
    },

    async find(payment) {
      const intent = await find(payment);
      return intent && stateOf(payment, intent);
    },

    async capture(payment, part, key) {
      const intent = await find(payment);
      if (!intent) return declined(payment, 'unknown');
      const state = stateOf(payment, intent);
      // Captured by a process that lost its lease before it could write that: captures are made one after another.
      if (intent.status !== 'requires_capture' || state.captured > payment.capturedAmount) return state;
      const params = captureOf(payment, part);
      if (!params) return { ...state, failureCode: 'amount_not_representable' };
      const capture = (key: string) =>
        intents.capture(intent.id, params, { ...ofAccount(payment), idempotencyKey: key });
      return answerOrState(
        payment,
        underKey(key, capture, async () => {
          const now = await find(payment);
          const isUnchanged = now?.status === 'requires_capture' && now.amount_received === intent.amount_received;
          return isUnchanged ? null : now;
        }),
      );
    },

    async void(payment, key) {
      const intent = await find(payment);
      if (!intent || intent.status === 'canceled' || intent.status === 'succeeded') {
        return intent && stateOf(payment, intent);
      }
      const cancel = (key: string) => intents.cancel(intent.id, {}, { ...ofAccount(payment), idempotencyKey: key });
      return answerOrState(
        payment,
        underKey(key, cancel, () => unlessStatus(intent.status, find(payment))),
      );
    },

    async refund(payment, minorUnits, key) {
      const amount = toStripeAmount(minorUnits, payment.currencyCode);
      if (amount === null) return failedRefund('amount_not_representable');
      const params = {
        payment_intent: payment.providerReference ?? '',
        amount,
        metadata: { ...metadataOf(payment), refund_id: key },
      };
      try {
        const create = (key: string) => stripe.refunds.create(params, { ...ofAccount(payment), idempotencyKey: key });
        return refundOf(await underKey(key, create, () => findRefund(payment, params.metadata.refund_id)));
      } catch (error) {
        if (error instanceof StripeRefusal) return failedRefund(error.code);
        throw error;
      }
    },

    async findRefund(payment, key) {
      const refund = await findRefund(payment, key);
      return refund && refundOf(refund);
    },

    // The platform writes into the metadata of a connected account which store it belongs to.
    async isAccountOf(tenantId, account) {
      try {
        const { metadata, charges_enabled } = await answerOf(stripe.accounts.retrieve(account));
        return charges_enabled && metadata?.tenant_id === tenantId;
      } catch (error) {
        if (error instanceof StripeRefusal) return false;
        throw error;
      }
    },
  };

  async function findRefund(payment: PaymentState, refundId: string): Promise<Stripe.Refund | null> {
    const params = { payment_intent: payment.providerReference ?? '', limit: 100 };
    const search = async () => {
      for await (const refund of stripe.refunds.list(params, ofAccount(payment))) {
        if (refund.metadata?.refund_id === refundId) return refund;
      }
      return null;
    };
    return answerOf(search());
  }
}

/** The request for a payment's PaymentIntent; or the failure code of a payment that Stripe can't take. */
function intentOf(payment: PaymentState): Stripe.PaymentIntentCreateParams | string {
  const amount = toStripeAmount(payment.amount, payment.currencyCode);
  if (amount === null) return 'amount_not_representable';
  if (!payment.providerAccount) return 'account_missing';
  return {
    amount,
    currency: payment.currencyCode.toLowerCase(),
    capture_method: 'manual',
    // The storefront completes the payment with the client secret; it has no page for a redirect to return to.
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    metadata: metadataOf(payment),
    ...WITH_CHARGE,
    ...(payment.captureMode !== 'AUTOMATIC' && IN_PARTS),
    ...(payment.token && { payment_method: payment.token, confirm: true }),
  };
}

/** The intent; null while it still has the status, because the request had no effect then. */
async function unlessStatus(status: Stripe.PaymentIntent.Status, found: Promise<Stripe.PaymentIntent | null>) {
  const intent = await found;
  return intent?.status === status ? null : intent;
}

/** With what the card's network allows: see authorizationOf. */
const WITH_CHARGE = { expand: ['latest_charge'] };
/** Stripe's multicapture, for accounts and cards that have it. */
const IN_PARTS = { payment_method_options: { card: { request_multicapture: 'if_available' } } } as const;

/** Without multicapture a capture is the only one: Stripe releases the rest. https://docs.stripe.com/payments/multicapture */
function captureOf(
  { currencyCode, authorizedAmount, capturedAmount, capturesParts }: PaymentState,
  { amount, isFinal }: Capture,
): Stripe.PaymentIntentCaptureParams | null {
  if (amount === authorizedAmount - capturedAmount) return {};
  const amount_to_capture = toStripeAmount(amount, currencyCode);
  if (amount_to_capture === null) return null;
  return { amount_to_capture, ...(capturesParts && { final_capture: isFinal }) };
}

/** Stripe gives an authorization up after seven days, unless the charge says otherwise. */
const AUTHORIZED_SECONDS = 7 * 86_400;

function authorizationOf({ created, latest_charge }: Stripe.PaymentIntent) {
  const charge = typeof latest_charge === 'object' ? latest_charge : null;
  const card = charge?.payment_method_details?.card;
  const until = card?.capture_before ?? created + AUTHORIZED_SECONDS;
  return {
    capturesParts: card?.multicapture?.status === 'available',
    authorizationExpiresAt: new Date(until * 1000),
  };
}

function stateOf(payment: PaymentState, intent: Stripe.PaymentIntent): ProviderPayment {
  const currencyCode = intent.currency.toUpperCase();
  const amount = (of: number) => fromStripeAmount(of, currencyCode);
  const status = statusOf(payment, intent);
  const { decline_code, code } = intent.last_payment_error ?? {};
  return {
    reference: intent.id,
    status,
    authorized: amount(
      intent.status === 'succeeded' ? intent.amount : intent.amount_capturable + intent.amount_received,
    ),
    captured: amount(intent.amount_received),
    ...authorizationOf(intent),
    currencyCode,
    clientSecret: status === 'REQUIRES_ACTION' ? intent.client_secret : null,
    failureCode: status === 'DECLINED' ? (decline_code ?? code ?? intent.status) : null,
  };
}

function statusOf(
  { token }: PaymentState,
  { status, amount_received }: Stripe.PaymentIntent,
): ProviderPayment['status'] {
  switch (status) {
    case 'requires_action':
      return 'REQUIRES_ACTION';
    case 'requires_payment_method':
      // With a card in the request: it was declined. Without: the buyer's browser has to provide a (different) card.
      return token ? 'DECLINED' : 'REQUIRES_ACTION';
    case 'requires_capture':
      return amount_received > 0 ? 'PARTIALLY_CAPTURED' : 'AUTHORIZED';
    case 'succeeded':
      return 'CAPTURED';
    case 'canceled':
      // What was captured before it was canceled stays so.
      return amount_received > 0 ? 'CAPTURED' : 'VOIDED';
    default:
      return 'PENDING';
  }
}

const declined = (
  payment: PaymentState,
  failureCode: string,
  intent?: Stripe.PaymentIntent | null,
): ProviderPayment => ({
  reference: intent?.id ?? payment.providerReference,
  status: 'DECLINED',
  authorized: 0n,
  captured: 0n,
  capturesParts: false,
  authorizationExpiresAt: null,
  currencyCode: payment.currencyCode,
  clientSecret: null,
  failureCode,
});

const REFUND_STATUS: Record<string, ProviderRefund['status']> = {
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  canceled: 'FAILED',
};

function refundOf({ id, status, failure_reason }: Stripe.Refund): ProviderRefund {
  const refundStatus = REFUND_STATUS[status ?? ''] ?? 'PENDING';
  return {
    status: refundStatus,
    reference: id,
    failureCode: refundStatus === 'FAILED' ? (failure_reason ?? status) : null,
  };
}

const failedRefund = (failureCode: string): ProviderRefund => ({ status: 'FAILED', reference: null, failureCode });
