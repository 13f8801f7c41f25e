import { amountsOfItem, amountsOfOrder } from './amounts';
import type { Pricing } from './pricing';

const pricing: Pricing = {
  lines: [
    { unitPrice: 100n, subtotal: 100n, discount: 10n, tax: 9n, taxLines: [{ name: 'VAT', rate: 100_000, amount: 9n }] },
    {
      unitPrice: 200n,
      subtotal: 200n,
      discount: 20n,
      tax: 18n,
      taxLines: [{ name: 'VAT', rate: 100_000, amount: 18n }],
    },
  ],
  subtotal: 300n,
  discounts: [],
  inapplicable: [],
  shippingDiscount: 0n,
  discount: 30n,
  shippingOptions: [],
  shippingOption: null,
  shippingFault: null,
  needsAddress: true,
  shipping: 5n,
  shippingTax: 1n,
  tax: 28n,
  taxLines: [{ name: 'VAT', rate: 100_000, amount: 28n }],
  taxRounding: 'ORDER',
  pricesIncludeTax: true,
  reverseCharge: false,
  total: 276n,
};

it('an order has each sum of its pricing', () => {
  expect(amountsOfOrder(pricing)).toEqual({
    subtotalAmount: 300n,
    discountAmount: 30n,
    shippingAmount: 5n,
    shippingTaxAmount: 1n,
    taxAmount: 28n,
    taxLines: [{ name: 'VAT', rate: 100_000, amount: 28n }],
    taxRounding: 'ORDER',
    pricesIncludeTax: true,
    reverseCharge: false,
    totalAmount: 276n,
  });
});

it('an item has the sums of its line', () => {
  expect(amountsOfItem(pricing, 1)).toEqual({
    unitPriceAmount: 200n,
    totalPriceAmount: 200n,
    discountAmount: 20n,
    taxAmount: 18n,
    taxLines: [{ name: 'VAT', rate: 100_000, amount: 18n }],
  });
});

it('an item that was not priced has no sums', () => {
  expect(() => amountsOfItem(pricing, 2)).toThrow('No line was priced at 2');
});
