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

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });

const READ = `query ($id: ID!) { cart(id: $id) {
  discountCodes { code applicable reason message } cost { discount { amount } } lines { id discount { amount } }
  discounts { title code discountClass amount { amount } lines { lineId amount { amount } } } } }`;

async function read(tenantId: string, id: string) {
  const { data, errors } = await order.ask(visitor(tenantId), READ, { id });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.cart;
}

const makeCart = async (tenantId: string, input: object) =>
  (await cartsOf(order, visitor(tenantId)).create({ email: 'ada@example.com', shippingAddress, ...input })).cart;

describe('a code that takes nothing off a cart has a reason:', () => {
  it.each<[string, object | null, object]>([
    ['NOT_FOUND', null, {}],
    ['NOT_STARTED', { startsAt: '2099-01-01T00:00:00Z' }, {}],
    ['EXPIRED', { startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-01-02T00:00:00Z' }, {}],
    ['MINIMUM_NOT_REACHED', { minimumSubtotal: usd('150.01') }, {}],
    ['MINIMUM_QUANTITY_NOT_REACHED', { minimumQuantity: 2 }, {}],
    ['NO_ITEMS', { items: { categoryIds: ['cat_shoes'] } }, {}],
    ['SHIPPING_NOT_ELIGIBLE', { basisPoints: null, freeShipping: { countryCodes: ['DE'] } }, {}],
    ['CURRENCY_MISMATCH', { basisPoints: null, amount: { amount: '5', currencyCode: 'JPY' } }, {}],
  ])('%s', async (reason, discount) => {
    const tenantId = freshTenantId();
    if (discount) await pricingRulesOf(order, tenantId).discount({ code: 'CODE', ...discount });
    const { id } = await makeCart(tenantId, { lines: [line('pvar_1')], discountCodes: ['code'] });
    const cart = await read(tenantId, id);
    expect(cart).toMatchObject({
      discountCodes: [{ code: 'CODE', applicable: false, reason, message: expect.stringMatching(/\.$/) }],
      discounts: [],
      cost: { discount: { amount: '0.00' } },
    });
    if (reason === 'MINIMUM_NOT_REACHED') expect(cart.discountCodes[0].message).toContain('150.01 USD');
  });

  it('USED_UP and USED_BY_CUSTOMER, once it was', async () => {
    const tenantId = freshTenantId();
    const rules = pricingRulesOf(order, tenantId);
    await rules.discount({ code: 'ONCE', usageLimit: 1, combinesWithClasses: ['ORDER'] });
    await rules.discount({ code: 'MINE', usageLimitPerCustomer: 1, combinesWithClasses: ['ORDER'] });
    const discountCodes = ['ONCE', 'MINE'];
    await openCheckout(order.ownerUrl, tenantId);
    const first = await makeCart(tenantId, { lines: [line('pvar_1')], discountCodes });
    const create = `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { userErrors { code } } }`;
    await order.ask(visitor(tenantId), create, {
      input: { cartId: first.id, paymentMethodId: TEST_METHOD, idempotencyKey: randomUUID() },
    });
    const { id } = await makeCart(tenantId, { lines: [line('pvar_1')], discountCodes });
    expect((await read(tenantId, id)).discountCodes).toMatchObject([
      { code: 'ONCE', applicable: false, reason: 'USED_UP' },
      { code: 'MINE', applicable: false, reason: 'USED_BY_CUSTOMER' },
    ]);
  });

  it('NOT_COMBINED where another takes off more; none for the one that does', async () => {
    const tenantId = freshTenantId();
    const rules = pricingRulesOf(order, tenantId);
    await rules.discount({ code: 'TEN' });
    await rules.discount({ code: 'TWENTY', basisPoints: 2_000 });
    const { id } = await makeCart(tenantId, { lines: [line('pvar_1')], discountCodes: ['TEN', 'TWENTY'] });
    expect((await read(tenantId, id)).discountCodes).toMatchObject([
      { code: 'TEN', applicable: true, reason: 'NOT_COMBINED' },
      { code: 'TWENTY', applicable: true, reason: null, message: null },
    ]);
  });

  it('NO_EFFECT where there is nothing left, such as a price of shipping; none while it is not known', async () => {
    const tenantId = freshTenantId();
    const rules = pricingRulesOf(order, tenantId);
    await rules.discount({ code: 'FREE', basisPoints: null, freeShipping: {} });
    const { id } = await makeCart(tenantId, { lines: [line('pvar_file')], discountCodes: ['FREE'] });
    expect((await read(tenantId, id)).discountCodes).toMatchObject([{ applicable: true, reason: 'NO_EFFECT' }]);
    await rules.shippingRate();
    const { cart } = await cartsOf(order, visitor(tenantId)).create({
      lines: [line('pvar_1')],
      discountCodes: ['FREE'],
    });
    expect((await read(tenantId, cart.id)).discountCodes).toMatchObject([{ applicable: true, reason: null }]);
  });

  it('that is not known while the catalog does not answer', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeCart(tenantId, { lines: [line('pvar_1')], discountCodes: ['A'] });
    order.product.fail(tenantId, 'CartVariants', 'CUT');
    expect(await read(tenantId, id)).toMatchObject({
      discountCodes: [{ code: 'A', applicable: null, reason: null, message: null }],
      discounts: [],
    });
  });
});

it('a cart names each of its discounts, automatic ones included, with its share of each line', async () => {
  const tenantId = freshTenantId();
  const rules = pricingRulesOf(order, tenantId);
  await rules.discount({ title: 'Autumn', basisPoints: 1_000, combinesWithClasses: ['ORDER'] });
  await rules.discount({
    title: 'Welcome',
    code: 'HELLO',
    basisPoints: null,
    amount: usd('10.00'),
    combinesWithClasses: ['ORDER'],
  });
  order.product.price(tenantId, 'pvar_2', '50.00');
  const { id } = await makeCart(tenantId, { lines: [line('pvar_1'), line('pvar_2')], discountCodes: ['hello'] });
  // A line that can't be bought has no share, wherever it is in the cart.
  await cartsOf(order, visitor(tenantId)).change('cartLinesAdd', id, { lines: [line('pvar_3')] });
  await asOwner(order.ownerUrl, tenantId, `UPDATE cart_lines SET variant_id = 'pvar_none' WHERE variant_id = 'pvar_3'`);
  const cart = await read(tenantId, id);
  const [shoe, sock] = cart.lines.map((one: { id: string }) => one.id);
  const shares = (...amounts: [string, string]) => [
    { lineId: shoe, amount: { amount: amounts[0] } },
    { lineId: sock, amount: { amount: amounts[1] } },
  ];
  expect(cart.discounts).toEqual([
    {
      title: 'Autumn',
      code: null,
      discountClass: 'ORDER',
      amount: { amount: '20.00' },
      lines: shares('15.00', '5.00'),
    },
    {
      title: 'Welcome',
      code: 'HELLO',
      discountClass: 'ORDER',
      amount: { amount: '10.00' },
      lines: shares('7.50', '2.50'),
    },
  ]);
  expect(cart.cost.discount).toEqual({ amount: '30.00' });
  expect(cart.lines.map((one: { discount: object }) => one.discount)).toEqual([
    { amount: '22.50' },
    { amount: '7.50' },
    null,
  ]);
});

it('discounts on items by category and tag, buy X get Y, and free shipping are in the cart as in its order', async () => {
  const tenantId = freshTenantId();
  const rules = pricingRulesOf(order, tenantId);
  const combinesWithClasses = ['ORDER', 'PRODUCT', 'SHIPPING'];
  await rules.shippingRate();
  await rules.discount({ title: 'Shoes', items: { categoryIds: ['cat_shoes'] }, combinesWithClasses });
  await rules.discount({
    title: 'Sale',
    basisPoints: null,
    amount: usd('20'),
    amountPerItem: true,
    items: { tags: ['sale'] },
    combinesWithClasses,
  });
  const buyXGetY = { buys: { categoryIds: ['cat_shoes'] }, buysQuantity: 2, getsQuantity: 1 };
  const gift = {
    title: 'Gift',
    code: 'GIFT',
    basisPoints: 10_000,
    items: { variantIds: ['pvar_2'] },
    buyXGetY,
    combinesWithClasses,
  };
  await rules.discount(gift);
  await rules.discount({
    title: 'Post',
    code: 'POST',
    basisPoints: null,
    freeShipping: { countryCodes: ['US'], maximumPrice: usd('5') },
    combinesWithClasses,
  });
  await openCheckout(order.ownerUrl, tenantId);
  const lines = [line('pvar_sale', 2), line('pvar_shoe'), line('pvar_2', 2)];
  const { id } = await makeCart(tenantId, { lines, discountCodes: ['gift', 'post'] });
  const cart = await read(tenantId, id);
  const [sale, shoe, gifts] = cart.lines.map((one: { id: string }) => one.id);
  const share = (lineId: string, amount: string) => ({ lineId, amount: { amount } });
  const expected = [
    {
      title: 'Shoes',
      code: null,
      discountClass: 'PRODUCT',
      amount: { amount: '15.00' },
      lines: [share(shoe, '15.00')],
    },
    { title: 'Sale', code: null, discountClass: 'PRODUCT', amount: { amount: '40.00' }, lines: [share(sale, '40.00')] },
    {
      title: 'Gift',
      code: 'GIFT',
      discountClass: 'PRODUCT',
      amount: { amount: '150.00' },
      lines: [share(gifts, '150.00')],
    },
    { title: 'Post', code: 'POST', discountClass: 'SHIPPING', amount: { amount: '5.00' }, lines: [] },
  ];
  expect(cart.discounts).toEqual(expected);
  expect(cart.cost).toEqual({ discount: { amount: '205.00' } });
  const { data } = await order.ask(
    visitor(tenantId),
    `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { userErrors { code message } order {
      total { amount } shipping { amount } discount { amount } discounts { title code discountClass amount { amount } } } } }`,
    { input: { cartId: id, paymentMethodId: TEST_METHOD, idempotencyKey: randomUUID() } },
  );
  expect(data.orderCreate.userErrors).toEqual([]);
  expect(data.orderCreate.order).toMatchObject({
    total: { amount: '545.00' },
    shipping: { amount: '0.00' },
    discount: { amount: '205.00' },
  });
  const ofOrder = data.orderCreate.order.discounts;
  expect(ofOrder).toEqual(expect.arrayContaining(expected.map(({ lines: _lines, ...discount }) => discount)));
});
