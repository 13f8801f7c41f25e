import { setTimeout as sleep } from 'node:timers/promises';
import { isCapturable } from './paymentCapture';
import {
  OutcomeUnknown,
  type PaymentProvider,
  type PaymentState,
  type ProviderPayment,
  type ProviderRefund,
  stateOf,
} from './paymentProvider';

/** The simulated behavior of a payment, by its token or its amount in minor units, such as 6666.01 USD. */
type Magic =
  | 'DECLINED'
  | 'TIMEOUT'
  | 'SLOW'
  | 'ACTION'
  | 'ACTION_DONE'
  | 'CAPTURE_ONCE'
  | 'CAPTURE_DECLINED'
  | 'REFUND_DECLINED'
  | 'REFUND_TIMEOUT';

const BY_TOKEN: Record<string, Magic> = {
  tok_declined: 'DECLINED',
  tok_timeout: 'TIMEOUT',
  tok_slow: 'SLOW',
  tok_action: 'ACTION',
  tok_action_done: 'ACTION_DONE',
  tok_capture_once: 'CAPTURE_ONCE',
  tok_capture_declined: 'CAPTURE_DECLINED',
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
/** As a card's at Stripe. */
const AUTHORIZED_MS = 7 * 86_400_000;

/**
 * Payments without money, outside of production: each is authorized and captured without calling another system. Some tokens and amounts
 * simulate a real provider: they are declined, time out after the authorization (`find` reports it), are slow, or require an action of the
 * buyer. It is stateless: its answers depend on the payment's row only.
 */
export function testProvider(): PaymentProvider {
  const magicOf = ({ token, amount }: PaymentState): Magic | undefined =>
    BY_TOKEN[token ?? ''] ?? BY_AMOUNT[amount.toString()];

  return {
    publishableKey: null,
    holdsMoney: true,
    isLocal: (payment) => magicOf(payment) === undefined,

    async authorize(payment) {
      switch (magicOf(payment)) {
        case 'DECLINED':
          return { ...stateOf(payment), status: 'DECLINED', failureCode: 'card_declined' };
        case 'TIMEOUT':
          throw new OutcomeUnknown('The provider did not answer in time');
        case 'SLOW':
          await sleep(SLOW_MS);
          return authorized(payment);
        case 'ACTION':
        case 'ACTION_DONE':
          return { ...stateOf(payment), status: 'REQUIRES_ACTION', clientSecret: `secret_of_${payment.id}` };
        default:
          return authorized(payment);
      }
    },

    async find(payment) {
      const isAuthorizedByNow = ['TIMEOUT', 'ACTION_DONE'].includes(magicOf(payment) ?? '');
      const isUndecided = payment.status === 'PENDING' || payment.status === 'REQUIRES_ACTION';
      if (isAuthorizedByNow && isUndecided) return authorized(payment);
      if (isCapturable(payment) && isExpired(payment)) return { ...stateOf(payment), status: 'VOIDED' };
      return payment.status === 'PENDING' ? null : stateOf(payment);
    },

    async capture(payment, { amount, isFinal }) {
      if (!isCapturable(payment)) return stateOf(payment);
      if (magicOf(payment) === 'CAPTURE_DECLINED') {
        return { ...stateOf(payment), status: 'DECLINED', failureCode: 'expired_card' };
      }
      const captured = payment.capturedAmount + amount;
      const isAll = isFinal || captured === payment.authorizedAmount;
      return { ...stateOf(payment), status: isAll ? 'CAPTURED' : 'PARTIALLY_CAPTURED', captured };
    },

    async void(payment) {
      return { ...stateOf(payment), status: payment.capturedAmount > 0n ? 'CAPTURED' : 'VOIDED' };
    },

    async refund(payment) {
      if (magicOf(payment) === 'REFUND_TIMEOUT') throw new OutcomeUnknown('The provider did not answer in time');
      return magicOf(payment) === 'REFUND_DECLINED' ? DECLINED_REFUND : SUCCEEDED_REFUND;
    },

    async findRefund(payment) {
      return magicOf(payment) === 'REFUND_TIMEOUT' ? SUCCEEDED_REFUND : null;
    },

    // It has no accounts.
    isAccountOf: async () => false,
  };
}

const SUCCEEDED_REFUND: ProviderRefund = { status: 'SUCCEEDED', reference: null, failureCode: null };
const DECLINED_REFUND: ProviderRefund = { status: 'FAILED', reference: null, failureCode: 'refund_refused' };

const authorized = (payment: PaymentState): ProviderPayment => ({
  ...stateOf(payment),
  status: 'AUTHORIZED',
  authorized: payment.amount,
  capturesParts: payment.token !== 'tok_capture_once',
  authorizationExpiresAt: new Date(Date.now() + AUTHORIZED_MS),
});

/** By this process's clock: days are not decided by its skew. */
const isExpired = ({ authorizationExpiresAt }: PaymentState) =>
  authorizationExpiresAt !== null && authorizationExpiresAt.getTime() <= Date.now();
