import { type PaymentProvider, type ProviderRefund, stateOf } from './paymentProvider';

/**
 * Money that goes no way through this system: to a bank account, to whoever brings the goods, on an invoice. Nothing is authorized, staff say
 * when it has arrived (orderMarkAsPaid), and a refund is a note of what they give back themselves.
 */
export const offlineProvider: PaymentProvider = {
  publishableKey: null,
  holdsMoney: false,
  isLocal: () => true,
  authorize: async (payment) => stateOf(payment),
  find: async (payment) => stateOf(payment),
  // Only of payments from before stores had payment methods: those were authorized.
  capture: async (payment) =>
    payment.status === 'AUTHORIZED'
      ? { ...stateOf(payment), status: 'CAPTURED', captured: payment.authorizedAmount }
      : stateOf(payment),
  void: async (payment) =>
    payment.status === 'CAPTURED' ? stateOf(payment) : { ...stateOf(payment), status: 'VOIDED' },
  refund: async () => REFUNDED,
  findRefund: async () => REFUNDED,
  isAccountOf: async () => false,
};

const REFUNDED: ProviderRefund = { status: 'SUCCEEDED', reference: null, failureCode: null };
