import type { OrderDisputeStatus } from '../generated/prisma/client';

/** A dispute as its provider reports it. */
export interface ProviderDispute {
  reference: string;
  status: OrderDisputeStatus;
  reason: string;
  /** In minor units. */
  amount: bigint;
  currencyCode: string;
  evidenceDueAt: Date | null;
  openedAt: Date;
}

const OUTCOMES: readonly OrderDisputeStatus[] = ['INQUIRY_CLOSED', 'PREVENTED', 'WON', 'LOST'];
/** The bank has taken the money back, for the time being or for good. An inquiry has taken none: refunding is one way to end it. */
const WITHHOLDING: readonly OrderDisputeStatus[] = ['NEEDS_RESPONSE', 'UNDER_REVIEW', 'LOST'];
/** The store has the money for good, so the goods may be sent. */
const HARMLESS: readonly OrderDisputeStatus[] = ['INQUIRY_CLOSED', 'PREVENTED', 'WON'];

export const isOver = (status: OrderDisputeStatus): boolean => OUTCOMES.includes(status);

/** For WHERE: disputes because of which staff think again before they send goods. */
export const BLOCKING = { status: { notIn: [...HARMLESS] } };

/** What of a payment a dispute withholds. A sum in another currency can't be compared with the payment: then it is all that was captured. */
export function withheldOf(
  { status, amount, currencyCode }: Pick<ProviderDispute, 'status' | 'amount' | 'currencyCode'>,
  payment: { currencyCode: string; capturedAmount: bigint },
): bigint {
  if (!WITHHOLDING.includes(status)) return 0n;
  return currencyCode === payment.currencyCode ? amount : payment.capturedAmount;
}

/** What of a payment can be refunded. A payment may be disputed after a part of it was refunded, so the two may exceed what was captured. */
export function refundableOf(payment: {
  capturedAmount: bigint;
  refundedAmount: bigint;
  disputedAmount: bigint;
}): bigint {
  const left = payment.capturedAmount - payment.refundedAmount - payment.disputedAmount;
  return left > 0n ? left : 0n;
}
