import { randomBytes } from 'node:crypto';

// biome-ignore lint/suspicious/noExplicitAny: objects of Stripe's API, only partly typed.
export type StripeObject = any;

export const newStripeId = (prefix: string) => `${prefix}_${randomBytes(12).toString('hex')}`;
const now = () => Math.floor(Date.now() / 1000);

/** An error as Stripe's API answers with. https://docs.stripe.com/api/errors */
export class StripeFault extends Error {
  constructor(
    readonly status: number,
    readonly body: { type: string; code?: string; message: string; [more: string]: unknown },
  ) {
    super(body.message);
  }
}

export const invalid = (code: string, message: string, status = 400) =>
  new StripeFault(status, { type: 'invalid_request_error', code, message });

type Params = Record<string, StripeObject>;

/** PaymentIntents and refunds of one account, as far as an order's payment needs them. */
export class StripeAccount {
  readonly intents = new Map<string, StripeObject>();
  readonly refunds: StripeObject[] = [];
  readonly disputes = new Map<string, StripeObject>();
  /** Whether a payment can be captured in several parts. */
  multicapture = false;
  /** The status of new refunds. */
  refundStatus = 'succeeded';
  /** By how many seconds Stripe's clock is ahead of ours. */
  clockAhead = 0;

  constructor(
    readonly id: string,
    readonly tenantId: string | null,
  ) {}

  createIntent(params: Params): StripeObject {
    const amount = Number(params.amount);
    if (!Number.isInteger(amount) || amount < 1) throw invalid('amount_too_small', 'Amount must be positive.');
    const id = newStripeId('pi');
    const intent = {
      id,
      object: 'payment_intent',
      amount,
      amount_capturable: 0,
      amount_received: 0,
      capture_method: params.capture_method ?? 'automatic',
      client_secret: `${id}_secret_${randomBytes(8).toString('hex')}`,
      created: now() + this.clockAhead,
      currency: params.currency,
      last_payment_error: null,
      latest_charge: null,
      livemode: false,
      metadata: params.metadata ?? {},
      payment_method: params.payment_method ?? null,
      status: params.payment_method ? 'requires_confirmation' : 'requires_payment_method',
    };
    this.intents.set(id, intent);
    if (params.confirm === 'true') this.confirm(intent, intent.payment_method);
    return intent;
  }

  confirm(intent: StripeObject, paymentMethod: string): void {
    intent.payment_method = paymentMethod;
    if (paymentMethod === 'pm_card_chargeDeclined') throw this.#decline(intent, 'generic_decline');
    if (paymentMethod === 'pm_card_chargeDeclinedInsufficientFunds') throw this.#decline(intent, 'insufficient_funds');
    if (paymentMethod === 'pm_card_authenticationRequired') intent.status = 'requires_action';
    else if (/^pm_card_(visa|mastercard|amex)$/.test(paymentMethod)) this.authorize(intent);
    else throw invalid('resource_missing', `No such PaymentMethod: '${paymentMethod}'`, 404);
  }

  /** The buyer's bank has authorized the payment. */
  authorize(intent: StripeObject): void {
    Object.assign(intent, { status: 'requires_capture', amount_capturable: intent.amount, last_payment_error: null });
    intent.latest_charge = newStripeId('ch');
    if (intent.capture_method !== 'manual') this.capture(intent);
  }

  #decline(intent: StripeObject, decline_code: string): StripeFault {
    const error = { type: 'card_error', code: 'card_declined', decline_code, message: 'Your card was declined.' };
    Object.assign(intent, { status: 'requires_payment_method', last_payment_error: error, payment_method: null });
    return new StripeFault(402, { ...error, payment_intent: { ...intent } });
  }

  /** @param params a part; by default all that is left. https://docs.stripe.com/api/payment_intents/capture */
  capture(intent: StripeObject, params: Params = {}): StripeObject {
    if (intent.status !== 'requires_capture') throw unexpectedState('captured', intent);
    const part = Number(params.amount_to_capture ?? intent.amount_capturable);
    if (part > intent.amount_capturable) throw invalid('amount_too_large', 'Amount is more than is capturable.');
    if (params.final_capture === 'false' && !this.multicapture) throw invalid('', 'Multicapture is not available.');
    const left = params.final_capture === 'false' ? intent.amount_capturable - part : 0;
    const status = left > 0 ? 'requires_capture' : 'succeeded';
    const amount_received = intent.amount_received + part;
    return Object.assign(intent, { status, amount_received, amount_capturable: left });
  }

  /** An intent as it is answered, with its charge where the request has `expand`. */
  shown(intent: StripeObject, { expand }: Params): StripeObject {
    if (!expand || !intent.latest_charge) return intent;
    const card = {
      capture_before: intent.created + 7 * 86_400,
      multicapture: { status: this.multicapture ? 'available' : 'unavailable' },
    };
    return {
      ...intent,
      latest_charge: { id: intent.latest_charge, object: 'charge', payment_method_details: { card } },
    };
  }

  cancel(intent: StripeObject): StripeObject {
    if (['succeeded', 'canceled', 'processing'].includes(intent.status)) throw unexpectedState('canceled', intent);
    return Object.assign(intent, { status: 'canceled', amount_capturable: 0, canceled_at: now() });
  }

  refund(params: Params): StripeObject {
    const intent = this.intents.get(params.payment_intent);
    if (!intent) throw invalid('resource_missing', 'No such payment_intent', 404);
    const amount = Number(params.amount ?? intent.amount_received);
    const back = this.refundsOf(intent.id).reduce((sum, refund) => sum + refund.amount, 0);
    if (intent.amount_received - back < amount) throw invalid('charge_already_refunded', 'Refund is too large.');
    const refund = {
      id: newStripeId('re'),
      object: 'refund',
      amount,
      charge: intent.latest_charge,
      created: now(),
      currency: intent.currency,
      failure_reason: null,
      metadata: params.metadata ?? {},
      payment_intent: intent.id,
      status: this.refundStatus,
    };
    this.refunds.push(refund);
    return refund;
  }

  /** The buyer disputes a captured payment with their bank. https://docs.stripe.com/api/disputes/object */
  dispute(intent: StripeObject, changes: Params = {}): StripeObject {
    const dispute = {
      id: newStripeId('du'),
      object: 'dispute',
      amount: intent.amount_received,
      balance_transactions: [],
      charge: intent.latest_charge,
      created: now(),
      currency: intent.currency,
      evidence_details: { due_by: now() + 14 * 86_400, has_evidence: false, past_due: false, submission_count: 0 },
      is_charge_refundable: false,
      livemode: false,
      metadata: {},
      payment_intent: intent.id,
      reason: 'fraudulent',
      status: 'needs_response',
      ...changes,
    };
    this.disputes.set(dispute.id, dispute);
    return dispute;
  }

  refundsOf = (intentId: string) => this.refunds.filter(({ payment_intent }) => payment_intent === intentId);

  /** The charge of an intent, as webhooks have it: with the intent's metadata. What a capture released counts as refunded. */
  chargeOf(intent: StripeObject): StripeObject {
    const released = intent.status === 'requires_capture' ? 0 : intent.amount - intent.amount_received;
    const amount_refunded = this.refundsOf(intent.id).reduce((sum, refund) => sum + refund.amount, released);
    const { latest_charge: id, amount, currency, metadata, id: payment_intent } = intent;
    return { id, object: 'charge', amount, amount_refunded, currency, metadata, payment_intent, status: 'succeeded' };
  }
}

const unexpectedState = (what: string, { status }: StripeObject) =>
  invalid('payment_intent_unexpected_state', `This PaymentIntent could not be ${what}: its status is ${status}.`);
