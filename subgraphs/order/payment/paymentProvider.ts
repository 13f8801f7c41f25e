import type { Payment } from '../generated/prisma/client';

/** A payment as far as its provider and the ledger go by it. */
export type HeldPayment = Pick<
  Payment,
  | 'tenantId'
  | 'id'
  | 'orderId'
  | 'provider'
  | 'status'
  | 'currencyCode'
  | 'amount'
  | 'authorizedAmount'
  | 'capturedAmount'
  | 'token'
  | 'providerAccount'
  | 'providerReference'
  | 'clientSecret'
  | 'failureCode'
  | 'version'
  | 'createdAt'
>;

/**
 * What a provider says has become of a payment. It is the only source of what is written down about money: never what was
 * asked for, and never what a caller says.
 */
export interface ProviderPayment {
  /** The provider's own id; null when the provider has none. */
  reference: string | null;
  /** PENDING: not yet decided. REQUIRES_ACTION: the buyer has to do something first. */
  status: 'PENDING' | 'REQUIRES_ACTION' | 'AUTHORIZED' | 'CAPTURED' | 'VOIDED' | 'DECLINED';
  /** In minor units. */
  authorized: bigint;
  captured: bigint;
  currencyCode: string;
  /** With REQUIRES_ACTION: what the buyer's browser goes on with. */
  clientSecret: string | null;
  /** With DECLINED: the provider's word for why. */
  failureCode: string | null;
}

export interface ProviderRefund {
  status: 'SUCCEEDED' | 'PENDING' | 'FAILED';
  reference: string | null;
  failureCode: string | null;
}

/** No answer came, or none that says what happened: the money may have moved. Only asking tells. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/**
 * Who takes the money. Each call that moves some has a key, and a repeat under the same key moves nothing more.
 * All throw OutcomeUnknown; a refusal is an answer.
 */
export interface PaymentProvider {
  /** Whether nobody is asked for this payment's money: authorize, find and capture answer at once then, also within a transaction. */
  asksNobody(payment: HeldPayment): boolean;
  /** Holds the payment's amount, for a later capture. */
  authorize(payment: HeldPayment, key: string): Promise<ProviderPayment>;
  /** Asks what has become of a payment. Null when the provider has never heard of it. */
  find(payment: HeldPayment): Promise<ProviderPayment | null>;
  /** Takes what is held. */
  capture(payment: HeldPayment, key: string): Promise<ProviderPayment>;
  /** Lets go of what is held, or of the attempt. A payment that was captured before stays so, and the answer says it. */
  void(payment: HeldPayment, key: string): Promise<ProviderPayment | null>;
  /** Gives back a part of what was captured. */
  refund(payment: HeldPayment, amount: bigint, key: string): Promise<ProviderRefund>;
  /** Asks what has become of a refund. Null when the provider has never heard of it. */
  findRefund(payment: HeldPayment, key: string): Promise<ProviderRefund | null>;
  /** Whether the provider can take money for this store on that account. */
  isAccountOf(tenantId: string, account: string): Promise<boolean>;
}

export type ProviderName = Payment['provider'];

/** The providers that this installation has; null for one that it is not set up for. */
export type PaymentProviders = Record<ProviderName, PaymentProvider | null>;

/** The provider of a payment that exists. @throws Error when the installation has lost its settings. */
export function providerOf(providers: PaymentProviders, { provider }: HeldPayment): PaymentProvider {
  const found = providers[provider];
  if (!found) throw new Error(`There are payments of ${provider}, but no settings for it`);
  return found;
}
