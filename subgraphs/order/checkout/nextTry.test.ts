import type { UserErrorCode } from '../generated/resolvers';
import { nextTry } from './nextTry';

const KEY = '7d1f6a52-2a3b-4c5d-8e9f-0a1b2c3d4e5f';
const error = (code: UserErrorCode, name = 'lines') => ({ field: ['input', name], code, message: '' });

describe('an order that was refused is not to be tried again', () => {
  it.each<UserErrorCode>(['CART_CHECKED_OUT', 'STORE_SUSPENDED'])('with %s', (code) => {
    const over = { retryable: false, nextStep: null, nextIdempotencyKey: null };
    expect(nextTry([error('PAYMENT_DECLINED'), error(code)], KEY, true)).toEqual(over);
  });
});

describe('an order that was refused is tried again', () => {
  it('under the same key while nothing was written under it', () => {
    expect(nextTry([error('REQUIRED', 'email')], KEY, false)).toEqual({
      retryable: true,
      nextStep: 'CORRECT_INPUT',
      nextIdempotencyKey: KEY,
    });
  });

  it.each([
    ['an order was refused under it', [error('PAYMENT_DECLINED', 'paymentMethodId')], true],
    ['it belongs to another request', [error('IDEMPOTENCY_CONFLICT', 'idempotencyKey')], false],
    ['it is too short', [error('INVALID', 'idempotencyKey')], false],
  ])('under another key, always the same one, when %s', (_why, errors, isDecided) => {
    const { nextIdempotencyKey } = nextTry(errors, KEY, isDecided);
    expect(nextIdempotencyKey).toMatch(/^try_[0-9a-f]{40}$/);
    expect(nextTry(errors, KEY, isDecided).nextIdempotencyKey).toBe(nextIdempotencyKey);
    expect(nextTry(errors, nextIdempotencyKey ?? '', isDecided).nextIdempotencyKey).not.toBe(nextIdempotencyKey);
  });

  it('after the input, the cart and the payment were looked at, in this order', () => {
    const [payment, cart, input] = [error('PAYMENT_TIMED_OUT'), error('PRICE_CHANGED'), error('INVALID')];
    expect(nextTry([payment], KEY, true).nextStep).toBe('CHOOSE_PAYMENT');
    expect(nextTry([payment, cart], KEY, true).nextStep).toBe('REVIEW_CART');
    expect(nextTry([payment, cart, input], KEY, true).nextStep).toBe('CORRECT_INPUT');
  });
});
