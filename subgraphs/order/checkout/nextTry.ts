import { createHash } from 'node:crypto';
import type { UserError } from '../../shared/userErrors';
import type { OrderNextStep, UserErrorCode } from '../generated/resolvers';

/** What orderCreate was refused with, and what a client does then. */
export interface NextTry {
  retryable: boolean;
  nextStep: OrderNextStep | null;
  nextIdempotencyKey: string | null;
}

/** Null: this cart is not to be ordered again. A code that is not listed is about the input. */
const STEPS: Partial<Record<UserErrorCode, OrderNextStep | null>> = {
  PAYMENT_DECLINED: 'CHOOSE_PAYMENT',
  PAYMENT_METHOD_UNAVAILABLE: 'CHOOSE_PAYMENT',
  PAYMENT_TIMED_OUT: 'CHOOSE_PAYMENT',
  PRICE_CHANGED: 'REVIEW_CART',
  BALANCE_TOO_LOW: 'REVIEW_CART',
  INSUFFICIENT_STOCK: 'REVIEW_CART',
  STALE_VERSION: 'REVIEW_CART',
  CURRENCY_MISMATCH: 'REVIEW_CART',
  TOTAL_TOO_LARGE: 'REVIEW_CART',
  DISCOUNT_NOT_APPLICABLE: 'REVIEW_CART',
  SHIPPING_UNAVAILABLE: 'REVIEW_CART',
  SHIPPING_OPTION_REQUIRED: 'REVIEW_CART',
  SHIPPING_OPTION_UNAVAILABLE: 'REVIEW_CART',
  TAX_UNAVAILABLE: 'REVIEW_CART',
  CART_CHECKED_OUT: null,
  STORE_SUSPENDED: null,
};

/** Where several errors ask for different steps, the first of these is taken. */
const PRECEDENCE: OrderNextStep[] = ['CORRECT_INPUT', 'REVIEW_CART', 'CHOOSE_PAYMENT'];

/**
 * @param key of the request that was refused. @param isDecided whether an order was written under it: its repeats are answered as it was.
 */
export function nextTry(errors: readonly UserError<UserErrorCode>[], key: string, isDecided: boolean): NextTry {
  const steps = errors.map(({ code }) => (STEPS[code] === undefined ? 'CORRECT_INPUT' : STEPS[code]));
  if (steps.includes(null)) return { retryable: false, nextStep: null, nextIdempotencyKey: null };
  const isSpent = isDecided || errors.some(({ code, field }) => code === 'IDEMPOTENCY_CONFLICT' || isAboutKey(field));
  return {
    retryable: true,
    nextStep: PRECEDENCE.find((step) => steps.includes(step)) ?? null,
    nextIdempotencyKey: isSpent ? keyAfter(key) : key,
  };
}

const isAboutKey = ([, name]: string[]) => name === 'idempotencyKey';

/** Always the same, so that a repeat tells the same; and as hard to guess as the key. */
const keyAfter = (key: string): string => `try_${createHash('sha256').update(key).digest('hex').slice(0, 40)}`;
