import { admin, customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { orderCreate, orderCreatePatiently, orderInput, shippingAddress } from '../test/factories';
import { pricingRulesOf, usesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });
const codesOf = (payload: { userErrors: { field: string[]; code: string }[] }) =>
  payload.userErrors.map(({ field, code }) => `${field.slice(1).join('.')} ${code}`);

const SUMS = `query ($id: ID!) { order(id: $id) { subtotal { amount } discount { amount } shipping { amount } shippingName
  tax { amount } shippingTax { amount } taxLines { title rate amount { amount } } taxRounding pricesIncludeTax total { amount }
  discounts { discountId title code amount { amount } } items { totalPrice { amount } discount { amount } tax { amount } } } }`;

/** An order of two lines, 300.00 and 150.00 USD, and its sums. */
async function sumsOf(tenantId: string, changes: Record<string, unknown> = {}) {
  const lines = [
    { variantId: 'pvar_1', quantity: 2 },
    { variantId: 'pvar_2', quantity: 1 },
  ];
  const payload = await orderCreate(order, customer(tenantId), orderInput({ lines, ...changes }));
  if (!payload.order) throw new Error(JSON.stringify(payload.userErrors));
  const { data } = await order.ask(admin(tenantId), SUMS, { id: payload.order.id });
  return data.order;
}

describe('an order is refused', () => {
  it('where the store does not ship to; a store without rates ships for free', async () => {
    const tenantId = freshTenantId();
    expect((await sumsOf(tenantId)).shipping).toEqual({ amount: '0.00' });
    await pricingRulesOf(order, tenantId).shippingRate({ countryCodes: ['DE'] });
    expect(codesOf(await orderCreate(order, visitor(tenantId)))).toEqual([
      'shippingAddress.countryCode SHIPPING_UNAVAILABLE',
    ]);
  });

  it('when its total differs from expectedTotal', async () => {
    const tenantId = freshTenantId();
    const quoted = orderInput({ expectedTotal: usd('300.00') });
    await pricingRulesOf(order, tenantId).taxRate();
    expect(codesOf(await orderCreate(order, visitor(tenantId), quoted))).toEqual(['expectedTotal PRICE_CHANGED']);
    const right = orderInput({ expectedTotal: usd('330.00') });
    expect((await orderCreate(order, visitor(tenantId), right)).order.total).toEqual(usd('330.00'));
    const yen = orderInput({ expectedTotal: { amount: '33000', currencyCode: 'JPY' } });
    expect(codesOf(await orderCreate(order, visitor(tenantId), yen))).toEqual(['expectedTotal PRICE_CHANGED']);
  });

  it('with the same message for a code that does not exist, has expired, is not valid yet, is used up, or does not apply', async () => {
    const tenantId = freshTenantId();
    const { discount } = pricingRulesOf(order, tenantId);
    await discount({ code: 'OVER', startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-02-01T00:00:00Z' });
    await discount({ code: 'SOON', startsAt: '2100-01-01T00:00:00Z' });
    await discount({ code: 'BIG', minimumSubtotal: usd('300.01') });
    await discount({ code: 'EURO', basisPoints: null, amount: { amount: '1', currencyCode: 'EUR' } });
    await discount({ code: 'ONCE', usageLimit: 1 });
    await discount({ code: 'EACH', usageLimitPerCustomer: 1 });
    await pricingRulesOf(order, freshTenantId()).discount({ code: 'THEIRS' });
    for (const code of ['ONCE', 'EACH']) {
      expect((await orderCreate(order, visitor(tenantId), orderInput({ discountCodes: [code] }))).userErrors).toEqual(
        [],
      );
    }
    const refusals = [];
    for (const code of ['NEVER', 'THEIRS', 'OVER', 'SOON', 'ONCE', 'EACH', 'BIG', 'EURO']) {
      refusals.push(await orderCreate(order, visitor(tenantId), orderInput({ discountCodes: [code] })));
    }
    expect(codesOf(refusals[0])).toEqual(['discountCodes DISCOUNT_NOT_APPLICABLE']);
    for (const refusal of refusals) expect(refusal).toEqual(refusals[0]);
  });
});

describe('an order', () => {
  it('gets the chosen rate of those for its country, the tax of its province, and the best discount', async () => {
    const tenantId = freshTenantId();
    const terms = pricingRulesOf(order, tenantId);
    await terms.shippingRate({ name: 'World', price: usd('1.00') });
    await terms.shippingRate({ name: 'Fast', price: usd('20.00'), countryCodes: ['US'] });
    const slow = { name: 'Slow', price: usd('9.00'), countryCodes: ['US'], freeFrom: usd('450.00') };
    const shippingOptionId = (await terms.shippingRate(slow)).shippingRate.id;
    await terms.taxRate({ rate: '1', appliesToShipping: false });
    await terms.taxRate({ province: 'ca', name: 'California', rate: '7.25' });
    await terms.discount({ title: 'Two percent', basisPoints: 200 });
    const best = await terms.discount({ title: 'Ten off', basisPoints: null, amount: usd('10.00') });
    const inCalifornia = { ...shippingAddress, province: ' Ca ' };
    const sums = await sumsOf(tenantId, { shippingAddress: inCalifornia, shippingOptionId });
    expect(sums).toEqual({
      subtotal: { amount: '450.00' },
      discount: { amount: '10.00' },
      discounts: [{ discountId: best.discount.id, title: 'Ten off', code: null, amount: { amount: '10.00' } }],
      shipping: { amount: '9.00' },
      shippingName: 'Slow',
      // 7.25 % of 293.33, of 146.67 and of 9.00
      tax: { amount: '32.55' },
      shippingTax: { amount: '0.65' },
      taxLines: [{ title: 'California', rate: '7.25', amount: { amount: '32.55' } }],
      taxRounding: 'LINE',
      pricesIncludeTax: false,
      total: { amount: '481.55' },
      items: [
        { totalPrice: { amount: '300.00' }, discount: { amount: '6.67' }, tax: { amount: '21.27' } },
        { totalPrice: { amount: '150.00' }, discount: { amount: '3.33' }, tax: { amount: '10.63' } },
      ],
    });
  });

  it('costs its prices in a store whose prices include tax', async () => {
    const tenantId = freshTenantId();
    const terms = pricingRulesOf(order, tenantId);
    await terms.pricesIncludeTax(true);
    await terms.taxRate({ rate: '20' });
    expect(await sumsOf(tenantId)).toMatchObject({
      tax: { amount: '75.00' },
      pricesIncludeTax: true,
      total: { amount: '450.00' },
    });
  });

  it('keeps its discounts and tax when the store’s settings change later', async () => {
    const tenantId = freshTenantId();
    const { discount } = await pricingRulesOf(order, tenantId).discount({ code: 'summer10' });
    const payload = await orderCreate(order, customer(tenantId), orderInput({ discountCodes: [' Summer10 '] }));
    const read = () => order.ask(admin(tenantId), SUMS, { id: payload.order.id });
    const before = await read();
    expect(before.data.order.discounts).toMatchObject([{ code: 'SUMMER10', amount: { amount: '30.00' } }]);
    await order.ask(admin(tenantId), 'mutation ($id: ID!) { discountDelete(id: $id) { deletedDiscountId } }', {
      id: discount.id,
    });
    await pricingRulesOf(order, tenantId).taxRate();
    expect(await read()).toEqual(before);
  });

  it('uses up no code where an automatic discount takes off more', async () => {
    const tenantId = freshTenantId();
    const terms = pricingRulesOf(order, tenantId);
    await terms.discount({ basisPoints: 5_000 });
    const { discount } = await terms.discount({ code: 'LESS', usageLimit: 1 });
    const sums = await sumsOf(tenantId, { discountCodes: ['LESS'] });
    expect(sums.discounts).toMatchObject([{ code: null, amount: { amount: '225.00' } }]);
    expect(await usesOf(order, tenantId, discount.id)).toBe(0);
  });

  it('has both discounts when both combine, allocated to its lines', async () => {
    const tenantId = freshTenantId();
    const terms = pricingRulesOf(order, tenantId);
    await terms.discount({ combinesWithClasses: ['ORDER'] });
    await terms.discount({ code: 'TOO', combinesWithClasses: ['ORDER'] });
    const sums = await sumsOf(tenantId, { discountCodes: ['TOO'] });
    expect(sums.discount).toEqual({ amount: '85.50' });
    expect(sums.items.map((item: { discount: { amount: string } }) => item.discount.amount)).toEqual([
      '57.00',
      '28.50',
    ]);
  });
});

describe('the uses of a code', () => {
  const buyer = (tenantId: string, n: number) => customer(tenantId, `user_${n}`);
  const buy = (tenantId: string, n: number, changes: Record<string, unknown> = {}) =>
    orderCreatePatiently(
      order,
      buyer(tenantId, n),
      orderInput({ email: `buyer${n}@example.com`, discountCodes: ['FEW'], ...changes }),
    );

  it('never exceed the limit: of 100 concurrent buyers one succeeds, and the others are refused', async () => {
    const tenantId = freshTenantId();
    const { discount } = await pricingRulesOf(order, tenantId).discount({ code: 'FEW', usageLimit: 1 });
    const payloads = await Promise.all(Array.from({ length: 100 }, (_, n) => buy(tenantId, n)));
    expect(payloads.filter((payload) => payload.order)).toHaveLength(1);
    const refusals = payloads.flatMap((payload) => codesOf(payload));
    expect(refusals).toEqual(Array.from({ length: 99 }, () => 'discountCodes DISCOUNT_NOT_APPLICABLE'));
    expect(await usesOf(order, tenantId, discount.id)).toBe(1);
  });

  it('are limited per customer: of 10 concurrent orders of one account or e-mail address one succeeds', async () => {
    const tenantId = freshTenantId();
    const { discount } = await pricingRulesOf(order, tenantId).discount({ code: 'FEW', usageLimitPerCustomer: 1 });
    const byAccount = Array.from({ length: 5 }, (_, n) => buy(tenantId, 1, { email: `other${n}@example.com` }));
    const byAddress = Array.from({ length: 5 }, (_, n) =>
      orderCreate(
        order,
        visitor(tenantId),
        orderInput({ discountCodes: ['FEW'], email: n % 2 ? 'ADA@example.com' : 'ada@example.com' }),
      ),
    );
    const [accounts, addresses] = [await Promise.all(byAccount), await Promise.all(byAddress)];
    expect(accounts.filter((payload) => payload.order)).toHaveLength(1);
    expect(addresses.filter((payload) => payload.order)).toHaveLength(1);
    expect(await usesOf(order, tenantId, discount.id)).toBe(2);
  });

  it('are those of all codes that combine; what is not applied is returned', async () => {
    const tenantId = freshTenantId();
    const { discount } = pricingRulesOf(order, tenantId);
    const [a, b] = [
      await discount({ code: 'A', combinesWithClasses: ['ORDER'] }),
      await discount({ code: 'B', combinesWithClasses: ['ORDER'] }),
    ];
    const alone = await discount({ code: 'ALONE', basisPoints: 1_500 });
    const sums = await sumsOf(tenantId, { discountCodes: ['b', ' a ', 'B', 'alone'] });
    expect(sums.discounts.map(({ code }: { code: string }) => code)).toEqual(['A', 'B']);
    expect(sums.discount).toEqual({ amount: '85.50' });
    const uses = [a, b, alone].map(({ discount: { id } }) => usesOf(order, tenantId, id));
    expect(await Promise.all(uses)).toEqual([1, 1, 0]);
    const none = await orderCreate(order, customer(tenantId), orderInput({ discountCodes: ['A', 'NEVER'] }));
    expect(codesOf(none)).toEqual(['discountCodes DISCOUNT_NOT_APPLICABLE']);
    expect(await usesOf(order, tenantId, a.discount.id)).toBe(1);
    const six = orderInput({ discountCodes: ['1', '2', '3', '4', '5'].map((code) => `C${code}`).concat('C6') });
    const answer = await order.ask(
      customer(tenantId),
      'mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { userErrors { code } } }',
      { input: six },
    );
    expect(answer.errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });

  it('are returned when the order is refused or canceled, once', async () => {
    const tenantId = freshTenantId();
    const { discount } = await pricingRulesOf(order, tenantId).discount({ code: 'FEW', usageLimit: 1 });
    const lines = [{ variantId: 'pvar_none', quantity: 1 }];
    expect(codesOf(await buy(tenantId, 1, { lines }))).toEqual(['lines.0.variantId NOT_FOUND']);
    expect(await usesOf(order, tenantId, discount.id)).toBe(0);

    const { order: made } = await buy(tenantId, 1);
    expect(await usesOf(order, tenantId, discount.id)).toBe(1);
    const cancel = 'mutation ($id: ID!) { orderCancel(id: $id, input: { reason: "x" }) { userErrors { code } } }';
    await Promise.all(Array.from({ length: 5 }, () => order.ask(admin(tenantId), cancel, { id: made.id })));
    expect(await usesOf(order, tenantId, discount.id)).toBe(0);
    expect(await asOwner(order.ownerUrl, tenantId, 'SELECT 1 FROM discount_redemptions')).toEqual([]);
    expect((await buy(tenantId, 2)).order).not.toBeNull();
  });

  it('are not counted twice for a repeat under the same key', async () => {
    const tenantId = freshTenantId();
    const { discount } = await pricingRulesOf(order, tenantId).discount({ code: 'FEW', usageLimit: 1 });
    const input = orderInput({ discountCodes: ['FEW'] });
    const payloads = await Promise.all(Array.from({ length: 5 }, () => orderCreate(order, customer(tenantId), input)));
    expect(new Set(payloads.map((payload) => payload.order?.id)).size).toBe(1);
    expect(await usesOf(order, tenantId, discount.id)).toBe(1);
  });
});
