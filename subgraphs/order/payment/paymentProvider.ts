import type { Payment } from '../generated/prisma/client';

/** What a provider and the ledger know of a payment: its row without what is for staff and for the database alone. */
export type PaymentState = Pick<
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
 * A payment as its provider reports it. Amounts are only ever written from such a report: never from what was requested, and never from what a
 * client says.
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
  /** With REQUIRES_ACTION: with it the buyer's browser completes the payment. */
  clientSecret: string | null;
  /** With DECLINED: why, as the provider calls it. */
  failureCode: string | null;
}

export interface ProviderRefund {
  status: 'SUCCEEDED' | 'PENDING' | 'FAILED';
  reference: string | null;
  failureCode: string | null;
}

/** No answer came, or none that says what happened: the money may have moved. The provider has to be asked. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/**
 * Who takes the money. Every call that moves money has an idempotency key: a repeat under the same key moves nothing more. All throw
 * OutcomeUnknown; a decline is an answer.
 */
export interface PaymentProvider {
  /** Whether authorize, find and capture call no other system for this payment: then they may run within a transaction. */
  isLocal(payment: PaymentState): boolean;
  /** Has the payment's amount held, for a later capture. */
  authorize(payment: PaymentState, key: string): Promise<ProviderPayment>;
  /** The payment as it is now; null when the provider does not know it. */
  find(payment: PaymentState): Promise<ProviderPayment | null>;
  /** Takes the authorized amount. */
  capture(payment: PaymentState, key: string): Promise<ProviderPayment>;
  /** Voids the authorization, or the attempt. A payment that was captured stays so, and the answer says that; null when the provider does not know it. */
  void(payment: PaymentState, key: string): Promise<ProviderPayment | null>;
  /** Refunds a part of the captured amount. */
  refund(payment: PaymentState, amount: bigint, key: string): Promise<ProviderRefund>;
  /** The refund of this key as it is now; null when the provider does not know it. */
  findRefund(payment: PaymentState, key: string): Promise<ProviderRefund | null>;
  /** Whether the account is this store's, and can take payments. */
  isAccountOf(tenantId: string, account: string): Promise<boolean>;
}

export type ProviderName = Payment['provider'];

/** The providers that this installation has; null for one that it is not set up for. */
export type PaymentProviders = Record<ProviderName, PaymentProvider | null>;

/** The provider of an existing payment. @throws Error when its settings were removed from the installation since. */
export function providerOf(providers: PaymentProviders, { provider }: PaymentState): PaymentProvider {
  const found = providers[provider];
  if (!found) throw new Error(`There are payments of ${provider}, but no settings for it`);
  return found;
}
