import type { Payment } from '../generated/prisma/client';

/** A payment as providers and the ledger need it: its row without the columns for staff and the database. */
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
  | 'dueAt'
  | 'captureMode'
  | 'capturesParts'
  | 'authorizationExpiresAt'
  | 'version'
  | 'createdAt'
>;

/**
 * A payment as its provider reports it. Authorized and captured amounts are written from such a report only, never from a request or a
 * client's input.
 */
export interface ProviderPayment {
  /** The provider's own id; null when the provider has none. */
  reference: string | null;
  /** PENDING: not yet decided. REQUIRES_ACTION: the buyer has to do something first. */
  status: 'PENDING' | 'REQUIRES_ACTION' | 'AUTHORIZED' | 'PARTIALLY_CAPTURED' | 'CAPTURED' | 'VOIDED' | 'DECLINED';
  /** In minor units: all that it was authorized for, also after captures. */
  authorized: bigint;
  captured: bigint;
  /** Whether the rest stays authorized after a part was captured. Otherwise a capture is the only one, and releases the rest. */
  capturesParts: boolean;
  /** When the provider gives the authorization up; null when it has no end. */
  authorizationExpiresAt: Date | null;
  currencyCode: string;
  /** For REQUIRES_ACTION: the buyer's browser completes the payment with it. */
  clientSecret: string | null;
  /** For DECLINED: the provider's code for the reason. */
  failureCode: string | null;
}

/** What is captured of a payment. */
export interface Capture {
  amount: bigint;
  /** Whether the rest is released. Always true unless the payment capturesParts. */
  isFinal: boolean;
}

export interface ProviderRefund {
  status: 'SUCCEEDED' | 'PENDING' | 'FAILED';
  reference: string | null;
  failureCode: string | null;
}

/** A timeout or an unclear answer: the provider may or may not have moved money, and has to be asked. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/**
 * A payment provider. Every call that moves money has an idempotency key, so that a repeat has no further effect. All calls throw
 * OutcomeUnknown; a decline is a result and no error.
 */
export interface PaymentProvider {
  /** For the buyer's browser; null when the provider has none. */
  publishableKey: string | null;
  /** Whether it authorizes and captures money. Otherwise its payments stay PENDING, also of confirmed orders, until staff say that they are paid. */
  holdsMoney: boolean;
  /** Whether authorize, find and capture call no other system for this payment: then they may run within a transaction. */
  isLocal(payment: PaymentState): boolean;
  /** Authorizes the payment's amount, for a later capture. */
  authorize(payment: PaymentState, key: string): Promise<ProviderPayment>;
  /** The current payment; null when the provider does not know it. */
  find(payment: PaymentState): Promise<ProviderPayment | null>;
  /** Captures an authorized amount. Captures of one payment are made one after another. A refused one is reported with a failureCode. */
  capture(payment: PaymentState, capture: Capture, key: string): Promise<ProviderPayment>;
  /** Voids the payment. What was captured stays captured, and is reported so (CAPTURED); null when the provider does not know the payment. */
  void(payment: PaymentState, key: string): Promise<ProviderPayment | null>;
  /** Refunds a part of the captured amount. */
  refund(payment: PaymentState, amount: bigint, key: string): Promise<ProviderRefund>;
  /** The current refund of this key; null when the provider does not know it. */
  findRefund(payment: PaymentState, key: string): Promise<ProviderRefund | null>;
  /** Whether the account belongs to this store and can take payments. */
  isAccountOf(tenantId: string, account: string): Promise<boolean>;
}

export type ProviderName = Payment['provider'];

/** The providers of this installation; null for one that is not configured. */
export type PaymentProviders = Record<ProviderName, PaymentProvider | null>;

/** The provider of an existing payment. @throws Error when the provider is not configured any more. */
export function providerOf(providers: PaymentProviders, { provider }: PaymentState): PaymentProvider {
  const found = providers[provider];
  if (!found) throw new Error(`There are payments of ${provider}, but no settings for it`);
  return found;
}

/** A payment as its row has it: the report of a provider that knows no more. */
export const stateOf = (payment: PaymentState): ProviderPayment => ({
  reference: payment.providerReference,
  status: payment.status === 'FAILED' ? 'DECLINED' : payment.status,
  authorized: payment.authorizedAmount,
  captured: payment.capturedAmount,
  capturesParts: payment.capturesParts,
  authorizationExpiresAt: payment.authorizationExpiresAt,
  currencyCode: payment.currencyCode,
  clientSecret: payment.clientSecret,
  failureCode: payment.failureCode,
});
