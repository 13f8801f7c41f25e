import { setTimeout as sleep } from 'node:timers/promises';
import {
  type HeldPayment,
  OutcomeUnknown,
  type PaymentProvider,
  type ProviderPayment,
  type ProviderRefund,
} from './paymentProvider';

/** What a test wants to see. By a token, or by a total of so many minor units: 6666.01 USD. */
type Magic = 'DECLINED' | 'TIMEOUT' | 'SLOW' | 'ACTION' | 'ACTION_DONE' | 'REFUND_DECLINED' | 'REFUND_TIMEOUT';

const BY_TOKEN: Record<string, Magic> = {
  tok_declined: 'DECLINED',
  tok_timeout: 'TIMEOUT',
  tok_slow: 'SLOW',
  tok_action: 'ACTION',
  tok_action_done: 'ACTION_DONE',
  tok_refund_declined: 'REFUND_DECLINED',
  tok_refund_timeout: 'REFUND_TIMEOUT',
};
const BY_AMOUNT: Record<string, Magic> = {
  '666601': 'DECLINED',
  '666602': 'TIMEOUT',
  '666603': 'SLOW',
  '666604': 'ACTION',
};
const SLOW_MS = 6_000;

/**
 * Payments that are made outside of the system, such as on invoice: each is taken at its word, and nothing is called.
 * With `magic` some tokens and amounts behave as a provider can: they are refused, time out although the money was held
 * (asking tells), are slow, or want something of the buyer first. It keeps nothing: what it says of a payment follows from
 * the payment's row.
 */
export function manualProvider({ magic }: { magic: boolean }): PaymentProvider {
  const magicOf = ({ token, amount }: HeldPayment): Magic | undefined =>
    magic ? (BY_TOKEN[token ?? ''] ?? BY_AMOUNT[amount.toString()]) : undefined;

  return {
    asksNobody: (payment) => magicOf(payment) === undefined,

    async authorize(payment) {
      switch (magicOf(payment)) {
        case 'DECLINED':
          return { ...stateOf(payment), status: 'DECLINED', failureCode: 'card_declined' };
        case 'TIMEOUT':
          throw new OutcomeUnknown('The provider did not answer in time');
        case 'SLOW':
          await sleep(SLOW_MS);
          return held(payment);
        case 'ACTION':
        case 'ACTION_DONE':
          return { ...stateOf(payment), status: 'REQUIRES_ACTION', clientSecret: `secret_of_${payment.id}` };
        default:
          return held(payment);
      }
    },

    async find(payment) {
      const heldByNow = ['TIMEOUT', 'ACTION_DONE'].includes(magicOf(payment) ?? '');
      const undecided = payment.status === 'PENDING' || payment.status === 'REQUIRES_ACTION';
      if (heldByNow && undecided) return held(payment);
      return payment.status === 'PENDING' ? null : stateOf(payment);
    },

    async capture(payment) {
      if (payment.status !== 'AUTHORIZED') return stateOf(payment);
      return { ...held(payment), status: 'CAPTURED', captured: payment.authorizedAmount };
    },

    async void(payment) {
      return payment.status === 'CAPTURED' ? stateOf(payment) : { ...stateOf(payment), status: 'VOIDED' };
    },

    async refund(payment) {
      if (magicOf(payment) === 'REFUND_TIMEOUT') throw new OutcomeUnknown('The provider did not answer in time');
      return magicOf(payment) === 'REFUND_DECLINED' ? REFUSED : DONE;
    },

    async findRefund(payment) {
      return magicOf(payment) === 'REFUND_TIMEOUT' ? DONE : null;
    },

    // It has no accounts.
    isAccountOf: async () => false,
  };
}

const DONE: ProviderRefund = { status: 'SUCCEEDED', reference: null, failureCode: null };
const REFUSED: ProviderRefund = { status: 'FAILED', reference: null, failureCode: 'refund_refused' };

const held = (payment: HeldPayment): ProviderPayment => ({
  ...stateOf(payment),
  status: 'AUTHORIZED',
  authorized: payment.amount,
});

const stateOf = (payment: HeldPayment): ProviderPayment => ({
  reference: payment.providerReference,
  status: payment.status === 'FAILED' ? 'DECLINED' : payment.status,
  authorized: payment.authorizedAmount,
  captured: payment.capturedAmount,
  currencyCode: payment.currencyCode,
  clientSecret: payment.clientSecret,
  failureCode: payment.failureCode,
});
