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
  discounts { title code amount { amount } lines { lineId amount { amount } } } } }`;

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
    await rules.discount({ code: 'ONCE', usageLimit: 1, combines: true });
    await rules.discount({ code: 'MINE', usageLimitPerCustomer: 1, combines: true });
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
  await rules.discount({ title: 'Autumn', basisPoints: 1_000, combines: true });
  await rules.discount({ title: 'Welcome', code: 'HELLO', basisPoints: null, amount: usd('10.00'), combines: true });
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
    { title: 'Autumn', code: null, amount: { amount: '20.00' }, lines: shares('15.00', '5.00') },
    { title: 'Welcome', code: 'HELLO', amount: { amount: '10.00' }, lines: shares('7.50', '2.50') },
  ]);
  expect(cart.cost.discount).toEqual({ amount: '30.00' });
  expect(cart.lines.map((one: { discount: object }) => one.discount)).toEqual([
    { amount: '22.50' },
    { amount: '7.50' },
    null,
  ]);
});
