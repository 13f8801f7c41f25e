import { dueForSent } from './fulfillmentCapture';

const ORDER = {
  totalAmount: 1_310n,
  pricesIncludeTax: false,
  shippingAmount: 200n,
  shippingTaxAmount: 10n,
  fulfillmentStatus: 'PARTIALLY_FULFILLED',
} as const;
/** Three for 10.00 with a discount of 0.50 and a tax of 0.50, and one for 1.00. */
const items = (ofThree: number, ofOne: number) => [
  { quantity: 3, fulfilledQuantity: ofThree, totalPriceAmount: 1_000n, discountAmount: 50n, taxAmount: 50n },
  { quantity: 1, fulfilledQuantity: ofOne, totalPriceAmount: 100n, discountAmount: 0n, taxAmount: 0n },
];

it.each([
  ['nothing but shipping when nothing is sent', items(0, 0), 1_310n, 210n],
  ['a third, rounded down, and all of shipping', items(1, 0), 1_310n, 543n],
  ['two thirds', items(2, 0), 1_310n, 876n],
  ['all of the payment, when all is sent', items(3, 1), 1_310n, 1_310n],
  ['nothing while what was paid otherwise covers it', items(1, 0), 500n, 0n],
  ['what is above that', items(2, 0), 500n, 66n],
  ['all of what is left to be paid, when all is sent', items(3, 1), 500n, 500n],
])('what has to be captured for what is sent is %s', (_what, sent, amount, due) => {
  expect(dueForSent(ORDER, sent, { amount })).toBe(due);
});

it('prices that include the tax have it once', () => {
  const order = { ...ORDER, totalAmount: 1_250n, pricesIncludeTax: true };
  expect(dueForSent(order, items(3, 0), { amount: 1_250n })).toBe(1_150n);
});
