import type { Money } from '../../shared/money';
import { invalid, type UserError } from '../../shared/userErrors';
import type { UserErrorCode } from '../generated/resolvers';
import type { DiscountFields } from './discountFields';

interface Amounts {
  amount: Money | null;
  minimumSubtotal: Money | null;
  maximumPrice: Money | null;
}

const ONLY_WITH_CODE = 'null, or a code: only the uses of a code are counted';

/** What is wrong with fields that do not fit each other. */
export function conflictsOf(discount: DiscountFields, amounts: Amounts): UserError<UserErrorCode>[] {
  const { isAutomatic, code, basisPoints, amountPerItem, freeShipping, items, buyXGetY, minimumQuantity } = discount;
  const { startsAt, endsAt, usageLimit, usageLimitPerCustomer } = discount;
  const { amount, minimumSubtotal, maximumPrice } = amounts;
  const faults: UserError<UserErrorCode>[] = [];
  const expect = (name: string, expected: string) => faults.push(invalid(['input', ...name.split('.')], expected));

  const values = [basisPoints, amount, freeShipping].filter((value) => value !== null);
  if (values.length !== 1) expect('amount', 'one of basisPoints, amount and freeShipping');
  if (amount?.minorUnits === 0n) expect('amount', 'more than nothing');
  if (amountPerItem && amount === null) expect('amountPerItem', 'false without an amount');
  if (amountPerItem && items === null) expect('amountPerItem', 'false, or the items that it is for');
  if (freeShipping && items) expect('items', 'null with freeShipping');
  if (buyXGetY && freeShipping) expect('buyXGetY', 'null with freeShipping');
  if (buyXGetY && !freeShipping && !items) expect('items', 'the items that get cheaper by buyXGetY');
  if (buyXGetY && amount && !amountPerItem) expect('amountPerItem', 'true for an amount with buyXGetY');
  if (buyXGetY && minimumQuantity > 0) expect('minimumQuantity', '0 with buyXGetY, which has buysQuantity');

  const currency = amount?.currencyCode ?? minimumSubtotal?.currencyCode;
  if (amount && minimumSubtotal && amount.currencyCode !== minimumSubtotal.currencyCode) {
    expect('minimumSubtotal', `the currency of the amount: ${amount.currencyCode}`);
  }
  if (maximumPrice && currency !== undefined && maximumPrice.currencyCode !== currency) {
    expect('freeShipping.maximumPrice', `the currency of the other amounts: ${currency}`);
  }
  if (endsAt && new Date(endsAt as string) <= new Date(startsAt as string)) expect('endsAt', 'a time after startsAt');
  if (isAutomatic && code !== null) expect('isAutomatic', 'false with a code');
  if (isAutomatic && usageLimit !== null) expect('usageLimit', ONLY_WITH_CODE);
  if (isAutomatic && usageLimitPerCustomer !== null) expect('usageLimitPerCustomer', ONLY_WITH_CODE);
  return faults;
}
