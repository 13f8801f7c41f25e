import fc from 'fast-check';
import { discountOf, itemsOf } from '../test/discounts';
import { allocate } from './allocate';
import { combine } from './combineDiscounts';
import type { Discount } from './discount';
import { faultsOf, type LineToPrice, NO_PRICING_RULES, type PricingRules, priceOrder } from './pricing';
import type { ShippingRate } from './shipping';
import { type TaxRate, taxParts } from './tax';
import { NO_TAX_RATES, type RatesByClass } from './taxPlace';

const discount = (off: Discount['off'], changes: Partial<Discount> = {}): Discount =>
  discountOf('disc_1', off, { currencyCode: 'amount' in off ? 'USD' : null, ...changes });

const goods = (unitPrice: bigint, quantity: number): LineToPrice => ({ unitPrice, quantity, taxClass: 'STANDARD' });
const standard = (rate: TaxRate): RatesByClass => ({ ...NO_TAX_RATES, STANDARD: [rate] });
const rate = (price: bigint, changes: Partial<ShippingRate> = {}): ShippingRate => ({
  id: 'srat_1',
  name: 'Post',
  locations: [],
  currencyCode: 'USD',
  price,
  measure: null,
  tiers: [],
  freeFrom: null,
  minDays: null,
  maxDays: null,
  pickup: null,
  excludedProductIds: [],
  ...changes,
});

const SHOP = { name: 'Shop', line1: '1 High Street', city: 'Leeds', countryCode: 'GB' };

const vat = (basisPoints: number, appliesToShipping = true): TaxRate => ({
  name: 'VAT',
  rate: basisPoints * 100,
  isCompound: false,
  appliesToShipping,
});

const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);

const amount = fc.bigInt({ min: 0n, max: 10n ** 15n });
const anyItems = fc.constantFrom(
  itemsOf(),
  itemsOf({ productIds: ['prod_1'] }),
  itemsOf({ variantIds: ['pvar_1', 'pvar_2'] }),
  itemsOf({ categoryIds: ['cat_1'] }),
  itemsOf({ tags: ['sale'] }),
);
const anyClasses = fc.subarray(['ORDER', 'PRODUCT', 'SHIPPING'] as const).map((classes) => [...classes]);
const anyQuantity = fc.integer({ min: 1, max: 5 });
const anyDiscount = fc
  .record({
    off: fc.oneof(
      fc.record({ basisPoints: fc.integer({ min: 1, max: 10_000 }) }),
      fc.record({ amount: fc.bigInt({ min: 1n, max: 10n ** 12n }), perItem: fc.boolean() }),
      fc.record({
        freeShipping: fc.record({ countryCodes: fc.constantFrom([], ['US'], ['DE']), maximumPrice: fc.option(amount) }),
      }),
    ),
    items: fc.option(anyItems),
    buyXGetY: fc.option(
      fc.record({
        buys: anyItems,
        buysQuantity: anyQuantity,
        getsQuantity: anyQuantity,
        usesPerOrder: fc.option(anyQuantity),
      }),
    ),
    minimumSubtotal: fc.oneof(fc.constant(0n), amount),
    minimumQuantity: fc.integer({ min: 0, max: 3 }),
    currencyCode: fc.constantFrom(null, 'USD', 'EUR'),
    combinesWith: anyClasses,
  })
  .map((made) => ('freeShipping' in made.off ? { ...made, items: null, buyXGetY: null } : made))
  .map((made) => (made.items === null ? { ...made, buyXGetY: null } : made));
const anyTaxRate: fc.Arbitrary<TaxRate> = fc.record({
  name: fc.constantFrom('GST', 'QST'),
  rate: fc.integer({ min: 0, max: 1_000_000 }),
  isCompound: fc.boolean(),
  appliesToShipping: fc.boolean(),
});
/** Rates of two classes may be the same. */
const anyTaxRates: fc.Arbitrary<RatesByClass> = fc
  .array(anyTaxRate, { maxLength: 4 })
  .chain((rates) => fc.tuple(fc.subarray(rates), fc.subarray(rates), fc.subarray(rates)))
  .map(([STANDARD, REDUCED, ZERO]) => ({ STANDARD, REDUCED, ZERO, EXEMPT: [] }));
const anyRules: fc.Arbitrary<PricingRules> = fc.record({
  shippingRates: fc.option(
    fc.array(
      fc.record({
        id: fc.constantFrom('srat_1', 'srat_2', 'srat_3'),
        name: fc.constant('Post'),
        locations: fc.constant([]),
        currencyCode: fc.constantFrom('USD', 'EUR'),
        price: fc.bigInt({ min: 0n, max: 10n ** 9n }),
        measure: fc.constantFrom('SUBTOTAL', 'WEIGHT', 'QUANTITY'),
        tiers: fc
          .array(fc.record({ from: fc.bigInt({ min: 0n, max: 10n ** 7n }), price: fc.option(amount) }), {
            maxLength: 3,
          })
          .map((tiers) => tiers.sort((one, other) => Number(one.from - other.from))),
        freeFrom: fc.option(amount),
        minDays: fc.constant(null),
        maxDays: fc.constant(null),
        pickup: fc.constantFrom(null, SHOP),
        excludedProductIds: fc.constantFrom([], ['prod_1']),
      }),
      { maxLength: 3 },
    ),
  ),
  shippingOptionId: fc.constantFrom(null, 'srat_1', 'srat_2'),
  askedTaxes: fc.constant(null),
  isTaxUnavailable: fc.constant(false),
  provinceFault: fc.constant(null),
  hasDestination: fc.boolean(),
  countryCode: fc.constantFrom(null, 'US'),
  taxRates: anyTaxRates,
  taxRounding: fc.constantFrom('LINE', 'ORDER'),
  reverseCharge: fc.boolean(),
  pricesIncludeTax: fc.boolean(),
  automaticDiscounts: fc
    .array(anyDiscount, { maxLength: 3 })
    .map((all) => all.map((made, index) => discount(made.off, { ...made, id: `disc_${index}` }))),
  codeDiscounts: fc
    .array(anyDiscount, { maxLength: 3 })
    .map((all) => all.map((made, index) => discount(made.off, { ...made, id: `disc_code_${index}`, code: 'CODE' }))),
  unusableCodes: fc.constant([]),
});
const anyLines = fc.array(
  fc.record({
    unitPrice: fc.oneof(fc.bigInt({ min: 0n, max: 30n }), amount),
    quantity: fc.integer({ min: 1, max: 1_000_000 }),
    taxClass: fc.constantFrom('STANDARD' as const, 'REDUCED' as const, 'ZERO' as const, 'EXEMPT' as const),
    grams: fc.option(fc.integer({ min: 0, max: 1_000_000_000 })),
    requiresShipping: fc.boolean(),
    productId: fc.constantFrom('prod_1', 'prod_2'),
    variantId: fc.constantFrom('pvar_1', 'pvar_2', 'pvar_3'),
    categoryIds: fc.constantFrom([], ['cat_1']),
    tags: fc.constantFrom([], ['sale']),
  }),
  { minLength: 1, maxLength: 12 },
);

describe('for all orders and rules', () => {
  it('the parts add up to the sums, and nothing is negative', () => {
    fc.assert(
      fc.property(anyLines, anyRules, (lines, rules) => {
        const priced = priceOrder(lines, 'USD', rules);
        expect(priced.lines).toHaveLength(lines.length);
        expect(sum(priced.lines.map((line) => line.subtotal))).toBe(priced.subtotal);
        expect(sum(priced.lines.map((line) => line.discount))).toBe(priced.discount);
        expect(sum(priced.discounts.map((applied) => applied.amount))).toBe(priced.discount + priced.shippingDiscount);
        expect(sum(priced.lines.map((line) => line.tax)) + priced.shippingTax).toBe(priced.tax);
        expect(sum(priced.taxLines.map((line) => line.amount))).toBe(priced.tax);
        for (const line of priced.lines) {
          expect(sum(line.taxLines.map((one) => one.amount))).toBe(line.tax);
          if (priced.pricesIncludeTax) expect(line.tax <= line.subtotal - line.discount).toBe(true);
        }
        if (rules.reverseCharge) expect(priced.tax).toBe(0n);
        const added = priced.pricesIncludeTax ? 0n : priced.tax;
        for (const { amount: taken, shares, discount: of } of priced.discounts) {
          expect(sum(shares)).toBe('freeShipping' in of.off ? 0n : taken);
          expect(taken > 0n && shares.every((share) => share >= 0n)).toBe(true);
        }
        priced.lines.forEach((line, index) => {
          expect(sum(priced.discounts.map(({ shares }) => shares[index] ?? 0n))).toBe(line.discount);
        });
        expect(priced.subtotal - priced.discount + priced.shipping + added).toBe(priced.total);
        for (const line of priced.lines) {
          expect(line.discount >= 0n && line.discount <= line.subtotal && line.tax >= 0n).toBe(true);
        }
        expect(priced.total >= 0n && priced.shipping >= 0n).toBe(true);
        expect(priced.shipping + priced.shippingDiscount).toBe(priced.shippingOption?.price ?? 0n);
        if (lines.every((line) => !line.requiresShipping)) {
          expect([priced.shipping, priced.shippingOptions, priced.shippingFault, priced.needsAddress]).toEqual([
            0n,
            [],
            null,
            false,
          ]);
        }
      }),
    );
  });

  it('the taxes of a tax service add up to the sums, and change nothing else', () => {
    const anyShares = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 13, maxLength: 13 });
    fc.assert(
      fc.property(anyLines, anyRules, anyShares, (lines, rules, percents) => {
        const own = priceOrder(lines, 'USD', { ...rules, taxRates: NO_TAX_RATES, reverseCharge: false });
        const taxOf = (amount: bigint, index: number) => {
          const whole = (amount * BigInt(percents[index] ?? 0)) / 100n;
          const state = whole / 3n;
          return [
            { name: 'State', rate: 10, amount: state },
            { name: 'City', rate: 20, amount: whole - state },
          ];
        };
        const askedTaxes = {
          lines: own.lines.map((line, index) => taxOf(line.subtotal - line.discount, index)),
          shipping: taxOf(own.shipping, 12),
        };
        const priced = priceOrder(lines, 'USD', { ...rules, reverseCharge: false, askedTaxes });
        const asked = [...askedTaxes.lines, askedTaxes.shipping].flat();
        expect(priced.tax).toBe(sum(asked.map((line) => line.amount)));
        expect(priced.lines.map((line) => line.taxLines)).toEqual(askedTaxes.lines);
        expect(sum(priced.lines.map((line) => line.tax)) + priced.shippingTax).toBe(priced.tax);
        expect(sum(priced.taxLines.map((line) => line.amount))).toBe(priced.tax);
        expect(priced.total - (priced.pricesIncludeTax ? 0n : priced.tax)).toBe(own.total);
        expect([priced.subtotal, priced.discount, priced.shipping]).toEqual([own.subtotal, own.discount, own.shipping]);
        const owed = priceOrder(lines, 'USD', { ...rules, reverseCharge: true, askedTaxes });
        expect([owed.tax, owed.taxLines]).toEqual([0n, []]);
      }),
    );
  });

  it('each tax that is added is within half a unit of the exact one: on its line, or on the order', () => {
    const parts = fc.array(fc.record({ amount, rates: fc.constant([]) }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(parts, anyTaxRate, fc.constantFrom('LINE' as const, 'ORDER' as const), (bases, rate, rounding) => {
        const taxed = bases.map(({ amount: base }) => ({ amount: base, rates: [rate] }));
        const taxes = taxParts(taxed, false, rounding).map(([line]) => line?.amount ?? -1n);
        const errorOf = (tax: bigint, base: bigint) => 2n * (tax * 1_000_000n - base * BigInt(rate.rate));
        const errors =
          rounding === 'LINE'
            ? taxes.map((tax, index) => errorOf(tax, bases[index]?.amount ?? 0n))
            : [errorOf(sum(taxes), sum(bases.map((base) => base.amount)))];
        for (const error of errors) expect(error <= 1_000_000n && error > -1_000_000n).toBe(true);
      }),
    );
  });

  it('shares add up, are within one unit of the exact ones, and none is larger than its weight', () => {
    const weighted = fc
      .array(amount, { minLength: 1, maxLength: 20 })
      .chain((weights) => fc.tuple(fc.bigInt({ min: 0n, max: sum(weights) }), fc.constant(weights)));
    fc.assert(
      fc.property(weighted, ([whole, weights]) => {
        const shares = allocate(whole, weights);
        expect(sum(shares)).toBe(whole);
        shares.forEach((share, index) => {
          const weight = weights[index] ?? 0n;
          expect(share <= weight).toBe(true);
          const error = share * sum(weights) - whole * weight;
          expect(error < sum(weights) || sum(weights) === 0n).toBe(true);
          expect(error > -sum(weights) || sum(weights) === 0n).toBe(true);
        });
      }),
    );
  });

  it('no other discounts that combine take off more; those that are applied do combine', () => {
    fc.assert(
      fc.property(anyLines, anyRules, fc.integer({ min: 0, max: 63 }), (lines, anyOf, chosen) => {
        // Of what is left for shipping its price may depend.
        const rules = { ...anyOf, shippingRates: null, shippingOptionId: null, reverseCharge: false };
        const { automaticDiscounts, codeDiscounts } = rules;
        const { discount: taken, discounts } = priceOrder(lines, 'USD', rules);
        const all = [...automaticDiscounts, ...codeDiscounts].filter((_one, index) => (chosen >> index) % 2 === 1);
        const some = priceOrder(lines, 'USD', {
          ...rules,
          automaticDiscounts: all.filter(({ code }) => code === null),
          codeDiscounts: all.filter(({ code }) => code !== null),
        });
        expect(some.discount <= taken).toBe(true);
        for (const [index, one] of discounts.entries()) {
          for (const other of discounts.slice(index + 1)) expect(combine(one.discount, other.discount)).toBe(true);
        }
      }),
    );
  });
});

describe('the discounts', () => {
  it.each<[string, Discount, bigint]>([
    ['10 % of 9.99, rounded up from 99.9', discount({ basisPoints: 1_000 }), 100n],
    ['half a cent is rounded up', discount({ basisPoints: 50 }), 5n],
    ['an amount', discount({ amount: 250n }), 250n],
    ['at most the subtotal', discount({ amount: 5_000n }), 999n],
    [
      'nothing below the minimum',
      discount({ basisPoints: 1_000 }, { minimumSubtotal: 1_000n, currencyCode: 'USD' }),
      0n,
    ],
    ['something at the minimum', discount({ amount: 100n }, { minimumSubtotal: 999n }), 100n],
    ['nothing in another currency', discount({ amount: 100n }, { currencyCode: 'EUR' }), 0n],
  ])('take off %s', (_case, automatic, expected) => {
    const priced = priceOrder([goods(999n, 1)], 'USD', {
      ...NO_PRICING_RULES,
      automaticDiscounts: [automatic],
    });
    expect([priced.discount, priced.total]).toEqual([expected, 999n - expected]);
  });

  it('are allocated to the lines exactly: 1.00 over three equal lines is 34, 33 and 33', () => {
    expect(allocate(100n, [500n, 500n, 500n])).toEqual([34n, 33n, 33n]);
    expect(allocate(0n, [0n, 0n])).toEqual([0n, 0n]);
  });
});

describe('the tax', () => {
  it.each<[string, bigint, number, boolean, bigint]>([
    ['is added', 10_000n, 1_900, false, 1_900n],
    ['is taken from what includes it', 11_900n, 1_900, true, 1_900n],
    ['is rounded half up when added', 50n, 100, false, 1n],
    ['is rounded half up when included', 3n, 10_000, true, 2n],
    ['of nothing is nothing', 0n, 1_900, false, 0n],
  ])('%s', (_case, base, basisPoints, included, expected) => {
    const [[line] = []] = taxParts([{ amount: base, rates: [vat(basisPoints)] }], included, 'LINE');
    expect(line?.amount).toBe(expected);
  });

  it('is on the discounted price, and on shipping only if the rate applies to it', () => {
    const rules = {
      ...NO_PRICING_RULES,
      shippingRates: [rate(500n)],
      automaticDiscounts: [discount({ basisPoints: 5_000 })],
    };
    const lines = [goods(1_000n, 2)];
    const untaxed = priceOrder(lines, 'USD', { ...rules, taxRates: standard(vat(1_000, false)) });
    const taxed = priceOrder(lines, 'USD', { ...rules, taxRates: standard(vat(1_000, true)) });
    expect(untaxed).toMatchObject({ discount: 1_000n, shipping: 500n, shippingTax: 0n, tax: 100n, total: 1_600n });
    expect(taxed).toMatchObject({ discount: 1_000n, shipping: 500n, shippingTax: 50n, tax: 150n, total: 1_650n });
  });

  it('does not change the total when prices include it', () => {
    const lines = [goods(1_190n, 1)];
    const priced = priceOrder(lines, 'USD', {
      ...NO_PRICING_RULES,
      taxRates: standard(vat(1_900)),
      pricesIncludeTax: true,
    });
    expect(priced).toMatchObject({ subtotal: 1_190n, tax: 190n, total: 1_190n });
  });
});

describe('the shipping', () => {
  const two = [rate(500n, { id: 'slow' }), rate(1_500n, { id: 'fast' })];
  const shippingOf = (shippingOptionId: string | null, shippingRates: ShippingRate[] | null = two) => {
    const rules = { ...NO_PRICING_RULES, shippingRates, shippingOptionId };
    const { shipping, shippingOption, shippingFault } = priceOrder([goods(1n, 1)], 'USD', rules);
    return [shipping, shippingOption?.rate.id ?? null, shippingFault];
  };

  it('of a choice that is not offered is not replaced by another, however few there are', () => {
    expect(shippingOf('gone')).toEqual([0n, null, 'SHIPPING_OPTION_UNAVAILABLE']);
    expect(shippingOf('gone', two.slice(0, 1))).toEqual([0n, null, 'SHIPPING_OPTION_UNAVAILABLE']);
    expect(shippingOf('gone', null)).toEqual([0n, null, 'SHIPPING_OPTION_UNAVAILABLE']);
  });

  it('is unknown without a choice from several, and where there is none', () => {
    expect(shippingOf(null)).toEqual([0n, null, 'SHIPPING_OPTION_REQUIRED']);
    expect(shippingOf(null, [])).toEqual([0n, null, 'SHIPPING_UNAVAILABLE']);
    expect(shippingOf('slow', [])).toEqual([0n, null, 'SHIPPING_UNAVAILABLE']);
  });

  it('is unknown without a destination, but for a pickup that is chosen; a pickup is never taken without a choice', () => {
    const shop = rate(0n, { id: 'shop', locations: null, pickup: SHOP });
    const price = (shippingOptionId: string | null, hasDestination: boolean, shippingRates = [shop]) => {
      const rules = { ...NO_PRICING_RULES, shippingRates, shippingOptionId, hasDestination };
      const priced = priceOrder([{ unitPrice: 1n, quantity: 1, taxClass: 'STANDARD' }], 'USD', rules);
      return [priced.shippingOption?.rate.id ?? null, priced.shippingFault, priced.needsAddress];
    };
    expect(price(null, false)).toEqual([null, null, true]);
    expect(price(null, true)).toEqual([null, 'SHIPPING_OPTION_REQUIRED', true]);
    expect(price('fast', false)).toEqual([null, 'SHIPPING_OPTION_UNAVAILABLE', true]);
    expect(price('shop', false)).toEqual(['shop', null, false]);
    expect(price(null, false, [])).toEqual([null, null, true]);
  });

  it('is that of the choice, or of the only option, and free in a store without rates', () => {
    expect(shippingOf('fast')).toEqual([1_500n, 'fast', null]);
    expect(shippingOf(null, two.slice(1))).toEqual([1_500n, 'fast', null]);
    expect(shippingOf(null, null)).toEqual([0n, null, null]);
  });

  it('is taxed at what is left of it, and free by a discount on it', () => {
    const free = discount({ freeShipping: { countryCodes: [], maximumPrice: null } });
    const rules = { ...NO_PRICING_RULES, shippingRates: [rate(500n)], taxRates: standard(vat(1_000)) };
    const priced = priceOrder([goods(1_000n, 1)], 'USD', { ...rules, automaticDiscounts: [free] });
    expect(priced).toMatchObject({
      discount: 0n,
      shipping: 0n,
      shippingDiscount: 500n,
      shippingTax: 0n,
      total: 1_100n,
    });
  });

  it('compares the minimum amount with the price after discounts', () => {
    const shippingRates = [rate(500n, { freeFrom: 1_000n })];
    const rules = { ...NO_PRICING_RULES, shippingRates, automaticDiscounts: [discount({ amount: 1n })] };
    expect(priceOrder([goods(1_000n, 1)], 'USD', rules).shipping).toBe(500n);
    expect(priceOrder([goods(1_001n, 1)], 'USD', rules).shipping).toBe(0n);
  });
});

describe('the faults of an order', () => {
  const faults = (unitPrice: bigint, rules: Partial<PricingRules> = {}, quantity = 1) => {
    const all = { ...NO_PRICING_RULES, ...rules };
    return faultsOf(priceOrder([goods(unitPrice, quantity)], 'USD', all), all);
  };

  it('are none in a store without rules', () => {
    expect(faults(10n ** 15n)).toEqual([]);
  });

  it('are none with a shipping rate for the address, and a code that applies', () => {
    const codeDiscounts = [discount({ amount: 1n }, { code: 'C' })];
    expect(faults(1n, { shippingRates: [rate(500n)], codeDiscounts })).toEqual([]);
  });

  it('are a missing address, unless nothing is sent', () => {
    const rules = { ...NO_PRICING_RULES, hasDestination: false, shippingRates: [rate(500n)] };
    const of = (requiresShipping: boolean) =>
      faultsOf(
        priceOrder([{ unitPrice: 1n, quantity: 1, taxClass: 'STANDARD', requiresShipping }], 'USD', rules),
        rules,
      );
    expect([of(true), of(false)]).toEqual([['ADDRESS_REQUIRED'], []]);
  });

  it.each<[string, bigint, number, Partial<PricingRules>]>([
    ['a total of more than 10^15 minor units', 10n ** 15n, 2, {}],
    [
      'a subtotal above that, also with a discount',
      10n ** 15n,
      2,
      { automaticDiscounts: [discount({ basisPoints: 10_000 })] },
    ],
    ['tax that exceeds that', 10n ** 15n, 1, { taxRates: standard(vat(1)) }],
    ['the most expensive possible line', 10n ** 15n, 1_000_000, {}],
  ])('is TOO_EXPENSIVE for %s', (_case, unitPrice, quantity, rules) => {
    expect(faults(unitPrice, rules, quantity)).toEqual(['TOO_EXPENSIVE']);
  });

  it('are an address without a shipping rate, and a code that does not apply', () => {
    expect(faults(1n, { shippingRates: [] })).toEqual(['SHIPPING_UNAVAILABLE']);
    const codeDiscounts = [discount({ amount: 1n }, { code: 'C', minimumSubtotal: 2n })];
    expect(faults(1n, { codeDiscounts })).toEqual(['DISCOUNT_NOT_APPLICABLE']);
  });
});
