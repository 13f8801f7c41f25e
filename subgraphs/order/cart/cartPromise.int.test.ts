import { randomUUID } from 'node:crypto';
import { freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { cartsOf, line } from '../test/carts';
import { shippingAddress } from '../test/factories';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { openCheckout, TEST_METHOD } from '../test/testMethod';

let order: OrderSubgraphUnderTest;
beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const CREATE = `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { order { total { amount } }
  userErrors { field code priceChange { part shown { amount } current { amount } } } } }`;

/** A cart of one at 150.00 with 10 % off by an automatic discount, 5.00 of shipping and 10 % of tax, as its buyer has read it. */
async function shownCart(changes: object = {}) {
  const tenantId = freshTenantId();
  await openCheckout(order.ownerUrl, tenantId);
  const rules = pricingRulesOf(order, tenantId);
  await Promise.all([
    rules.discount({ title: 'Autumn' }),
    rules.shippingRate(),
    rules.taxRate({ appliesToShipping: false }),
  ]);
  const mine = cartsOf(order, visitor(tenantId));
  const { cart } = await mine.create({
    lines: [line('pvar_1')],
    email: 'ada@example.com',
    shippingAddress,
    ...changes,
  });
  return {
    tenantId,
    cart,
    ...mine,
    sql: (statement: string) => asOwner<Record<string, string>>(order.ownerUrl, tenantId, statement),
    checkOut: async (input: object = {}) => {
      const variables = {
        input: { cartId: cart.id, paymentMethodId: TEST_METHOD, idempotencyKey: randomUUID(), ...input },
      };
      const { data, errors } = await order.ask(visitor(tenantId), CREATE, variables);
      if (errors) throw new Error(JSON.stringify(errors));
      const { order: placed, userErrors } = data.orderCreate;
      const changed = userErrors.map(({ field, code, priceChange }: Record<string, never>) => [
        field,
        code,
        priceChange,
      ]);
      return { total: placed?.total.amount ?? null, changed };
    },
  };
}

const field = ['input', 'cartId'];
const changeOf = (part: string, shown: string, current: string) => [
  field,
  'PRICE_CHANGED',
  { part, shown: { amount: shown }, current: { amount: current } },
];

describe('an order of a cart is refused at another sum than its buyer has read', () => {
  it.each<[string, string, string[][]]>([
    [
      'a discount that ended',
      `UPDATE discounts SET ends_at = now()`,
      [
        ['DISCOUNT', '15.00', '0.00'],
        ['TAX', '13.50', '15.00'],
        ['TOTAL', '153.50', '170.00'],
      ],
    ],
    [
      'dearer shipping',
      `UPDATE shipping_rates SET price_amount = 900`,
      [
        ['SHIPPING', '5.00', '9.00'],
        ['TOTAL', '153.50', '157.50'],
      ],
    ],
    [
      'another tax',
      `DELETE FROM tax_rates`,
      [
        ['TAX', '13.50', '0.00'],
        ['TOTAL', '153.50', '140.00'],
      ],
    ],
  ])(
    'with %s, which is named with both sums; it is placed once the new one was read',
    async (_what, change, expected) => {
      const { sql, checkOut, read, cart } = await shownCart();
      expect(cart.cost.total.amount).toBe('153.50');
      await sql(change);
      const refused = await checkOut();
      expect(refused.changed).toEqual(expected.map(([part = '', shown = '', now = '']) => changeOf(part, shown, now)));
      const { cost } = await read(cart.id);
      expect((await checkOut()).total).toBe(cost.total.amount);
    },
  );

  it('until cartPricesConfirm, also where that does not read the sum', async () => {
    const { tenantId, sql, checkOut, cart } = await shownCart();
    await sql(`UPDATE discounts SET ends_at = now()`);
    const confirm = `mutation { cartPricesConfirm(id: "${cart.id}", input: {}) { userErrors { code } } }`;
    expect((await order.ask(visitor(tenantId), confirm)).data.cartPricesConfirm.userErrors).toEqual([]);
    expect(await checkOut()).toEqual({ total: '170.00', changed: [] });
  });

  it('with a price that changed: at its line, and in the total', async () => {
    const { tenantId, checkOut } = await shownCart();
    order.product.price(tenantId, 'pvar_1', '100.00');
    const { changed } = await checkOut();
    expect(changed).toEqual([
      [
        ['input', 'lines', '0'],
        'PRICE_CHANGED',
        { part: 'PRICE', shown: { amount: '150.00' }, current: { amount: '100.00' } },
      ],
      changeOf('DISCOUNT', '15.00', '10.00'),
      changeOf('TAX', '13.50', '9.00'),
      changeOf('TOTAL', '153.50', '104.00'),
    ]);
  });

  it('by a method that does not take that sum, before an order is written; the cart is open', async () => {
    const { checkOut, sql } = await shownCart();
    await sql(`UPDATE payment_methods SET minimum_total_amount = 15351, total_currency_code = 'USD'`);
    const refused = [[['input', 'paymentMethodId'], 'PAYMENT_METHOD_UNAVAILABLE', null]];
    expect(await checkOut()).toEqual({ total: null, changed: refused });
    expect(await sql('SELECT id FROM orders')).toEqual([]);
    await sql('UPDATE payment_methods SET minimum_total_amount = 15350');
    expect(await checkOut()).toEqual({ total: '153.50', changed: [] });
  });

  it('with a quantity that was changed since, without reading the sum', async () => {
    const { tenantId, checkOut, cart } = await shownCart();
    const update = `mutation ($input: CartLinesUpdateInput!) { cartLinesUpdate(id: "${cart.id}", input: $input) { userErrors { code } } }`;
    await order.ask(visitor(tenantId), update, { input: { lines: [{ id: cart.lines[0].id, quantity: 2 }] } });
    const { changed } = await checkOut();
    expect(changed[0]).toEqual(changeOf('PRICE', '150.00', '300.00'));
    expect(changed.at(-1)).toEqual(changeOf('TOTAL', '153.50', '302.00'));
  });
});

describe('an order of a cart is placed', () => {
  it('at a new sum that the buyer sends as expectedTotal', async () => {
    const { sql, checkOut } = await shownCart();
    await sql(`UPDATE discounts SET ends_at = now()`);
    const old = await checkOut({ expectedTotal: { amount: '153.50', currencyCode: 'USD' } });
    expect(old.changed).toMatchObject([[['input', 'expectedTotal'], 'PRICE_CHANGED', { part: 'TOTAL' }]]);
    expect((await checkOut({ expectedTotal: { amount: '170.00', currencyCode: 'USD' } })).total).toBe('170.00');
  });

  it('where shipping and tax were not shown, because the cart had no address', async () => {
    const { checkOut, cart } = await shownCart({ shippingAddress: null });
    expect(cart.cost).toMatchObject({ shipping: null, total: { amount: '135.00' } });
    expect(await checkOut({ shippingAddress })).toEqual({ total: '153.50', changed: [] });
  });
});

it('reading a cart writes only where its sums are others than before', async () => {
  const { sql, read, cart } = await shownCart();
  const written = async () => (await sql('SELECT xmin::text, version, updated_at FROM carts'))[0];
  const before = await written();
  await Promise.all([read(cart.id), read(cart.id)]);
  expect(await written()).toEqual(before);
  await sql(`UPDATE discounts SET ends_at = now()`);
  await read(cart.id);
  const after = await written();
  expect(after?.xmin).not.toBe(before?.xmin);
  expect({ ...after, xmin: before?.xmin }).toEqual(before);
});
