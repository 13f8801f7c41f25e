import { admin, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { cartsOf, codesOf, line } from '../test/carts';
import { orderCreate, orderInput, shippingAddress } from '../test/factories';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });
const SHOP = {
  name: 'Shop',
  line1: '1 High Street',
  city: 'Albany',
  province: 'NY',
  postalCode: '12207',
  countryCode: 'US',
};

const buy = (tenantId: string, lines: object[], changes: object = {}) =>
  orderCreate(order, visitor(tenantId), orderInput({ lines, shippingAddress: null, ...changes }));

async function asBought(tenantId: string, id: string) {
  const query = `query ($id: ID!) { order(id: $id) { shippingAddress { city } pickupLocation { name line2 postalCode }
    shippingName shipping { amount } tax { amount } total { amount } } }`;
  return (await order.ask(admin(tenantId), query, { id })).data.order;
}

const numberOfOrders = async (tenantId: string) =>
  (await asOwner(order.ownerUrl, tenantId, 'SELECT 1 FROM orders')).length;

describe('an order without an address', () => {
  it('is refused, and not written, when something of it is sent: also in a store that ships for free', async () => {
    const tenantId = freshTenantId();
    const express = (await pricingRulesOf(order, freshTenantId()).shippingRate()).shippingRate.id;
    const both = [line('pvar_file'), line('pvar_1')];
    for (const changes of [{}, { shippingOptionId: 'srat_none' }, { shippingOptionId: express }]) {
      expect(codesOf(await buy(tenantId, both, changes))).toEqual(['input.shippingAddress REQUIRED']);
    }
    expect(await numberOfOrders(tenantId)).toBe(0);
  });

  it('is refused while the catalog does not say whether it is sent', async () => {
    const tenantId = freshTenantId();
    order.product.fail(tenantId, 'CartVariants', 'CUT', 'CUT');
    await expect(buy(tenantId, [line('pvar_file')])).rejects.toThrow('SERVICE_UNAVAILABLE');
    expect(await numberOfOrders(tenantId)).toBe(0);
  });

  it('is placed when nothing of it is sent, without shipping and its option', async () => {
    const tenantId = freshTenantId();
    const rules = pricingRulesOf(order, tenantId);
    await rules.shippingRate({ countryCodes: ['DE'] });
    await rules.shippingRate();
    const { order: placed, userErrors } = await buy(tenantId, [line('pvar_file', 2)]);
    expect(userErrors).toEqual([]);
    expect(await asBought(tenantId, placed.id)).toEqual({
      shippingAddress: null,
      pickupLocation: null,
      shippingName: null,
      shipping: { amount: '0.00' },
      tax: { amount: '0.00' },
      total: { amount: '300.00' },
    });
    const found = await order.ask(
      admin(tenantId),
      '{ customers { nodes { name email } } orders(query: "ada") { nodes { id } } }',
    );
    expect(found.data).toEqual({
      customers: { nodes: [{ name: null, email: 'ada@example.com' }] },
      orders: { nodes: [{ id: placed.id }] },
    });
  });

  it('is placed when it is fetched, at the price and the tax of the place, which the order keeps', async () => {
    const tenantId = freshTenantId();
    const rules = pricingRulesOf(order, tenantId);
    await rules.shippingRate();
    await rules.taxRate({ rate: '1' });
    await rules.taxRate({ province: 'NY', rate: '10' });
    const fetched = await rules.shippingRate({ name: 'Pickup', price: usd('1'), pickupLocation: SHOP });
    const shippingOptionId = fetched.shippingRate.id;
    const atShop = {
      pickupLocation: { name: 'Shop', line2: null, postalCode: '12207' },
      shippingName: 'Pickup',
      shipping: { amount: '1.00' },
      tax: { amount: '15.10' },
      total: { amount: '166.10' },
    };
    const { order: placed } = await buy(tenantId, [line('pvar_1')], { shippingOptionId });
    expect(await asBought(tenantId, placed.id)).toEqual({ shippingAddress: null, ...atShop });
    const { order: second } = await buy(tenantId, [line('pvar_1')], { shippingOptionId, shippingAddress });
    expect(await asBought(tenantId, second.id)).toEqual({ shippingAddress: { city: 'San Francisco' }, ...atShop });
    const { data } = await order.ask(admin(tenantId), '{ customers { nodes { name } } }');
    expect(data.customers.nodes).toEqual([{ name: 'Ada' }]);
  });
});

describe('a cart', () => {
  it('of what is not sent has no options, no warning, and its whole cost without an address', async () => {
    const tenantId = freshTenantId();
    const rules = pricingRulesOf(order, tenantId);
    await rules.shippingRate();
    await rules.shippingRate();
    const { cart } = await cartsOf(order, visitor(tenantId)).create({ lines: [line('pvar_file')] });
    expect(cart).toMatchObject({
      shippingOptions: [],
      warnings: [],
      cost: { shipping: { amount: '0.00' }, tax: { amount: '0.00' }, total: usd('150.00') },
    });
  });

  it('offers a pickup without an address, takes it only when it is chosen, and with an address beside the others', async () => {
    const tenantId = freshTenantId();
    const rules = pricingRulesOf(order, tenantId);
    const shop = (await rules.shippingRate({ price: usd('0'), pickupLocation: SHOP })).shippingRate.id;
    const post = (await rules.shippingRate()).shippingRate.id;
    const carts = cartsOf(order, visitor(tenantId));
    const { cart } = await carts.create({ lines: [line('pvar_1')], email: 'ada@example.com' });
    expect(cart).toMatchObject({
      shippingOptions: [{ id: shop }],
      shippingOption: null,
      cost: { shipping: null, tax: null },
    });
    const chosen = await carts.change('cartShippingOptionSelect', cart.id, { shippingOptionId: shop });
    expect(chosen.cart).toMatchObject({
      shippingOption: { id: shop },
      cost: { shipping: { amount: '0.00' } },
      warnings: [],
    });
    const sent = await carts.change('cartShippingAddressUpdate', cart.id, { shippingAddress });
    expect(sent.cart.shippingOptions.map(({ id }: { id: string }) => id)).toEqual([shop, post]);
    expect(sent.cart.shippingOption).toEqual({ id: shop });
  });

  it('is shipped by what it weighs: what is not sent weighs nothing', async () => {
    const tenantId = freshTenantId();
    const tiers = [
      { fromGrams: 1_000, price: usd('8') },
      { fromGrams: 10_001, price: null },
    ];
    await pricingRulesOf(order, tenantId).shippingRate({ tiers });
    const carts = cartsOf(order, visitor(tenantId));
    const pricesOf = async (...lines: object[]) => {
      const { cart } = await carts.create({ lines, shippingAddress });
      return cart.shippingOptions.map(({ price }: { price: { amount: string } }) => price.amount);
    };
    expect(await pricesOf(line('pvar_1'), line('pvar_file', 50))).toEqual(['5.00']);
    expect(await pricesOf(line('pvar_1', 2))).toEqual(['8.00']);
    expect(await pricesOf(line('pvar_heavy'))).toEqual(['8.00']);
    expect(await pricesOf(line('pvar_heavy'), line('pvar_1'))).toEqual([]);
    const heavy = orderInput({ lines: [line('pvar_heavy'), line('pvar_1')] });
    expect(codesOf(await orderCreate(order, visitor(tenantId), heavy))).toEqual([
      'input.shippingAddress.countryCode SHIPPING_UNAVAILABLE',
    ]);
    const light = orderInput({ lines: [line('pvar_heavy')] });
    expect((await orderCreate(order, visitor(tenantId), light)).order.total).toEqual(usd('158.00'));
  });

  it('with an excluded product is offered other rates only, and ordered by no other', async () => {
    const tenantId = freshTenantId();
    const rules = pricingRulesOf(order, tenantId);
    const air = (await rules.shippingRate({ excludedProductIds: ['prod_1', 'prod_file'] })).shippingRate.id;
    const sea = (await rules.shippingRate()).shippingRate.id;
    const carts = cartsOf(order, visitor(tenantId));
    const offered = async (...lines: object[]) =>
      (await carts.create({ lines, shippingAddress })).cart.shippingOptions.map(({ id }: { id: string }) => id);
    expect(await offered(line('pvar_2'), line('pvar_file'))).toEqual([air, sea]);
    expect(await offered(line('pvar_2'), line('pvar_1'))).toEqual([sea]);
    const refused = await orderCreate(order, visitor(tenantId), orderInput({ shippingOptionId: air }));
    expect(codesOf(refused)).toEqual(['input.shippingOptionId SHIPPING_OPTION_UNAVAILABLE']);
  });
});

describe('a pickup', () => {
  it('is refused in a zone, without its place, and for what is sent', async () => {
    const tenantId = freshTenantId();
    const rules = pricingRulesOf(order, tenantId);
    const refused = async (input: object) => codesOf(await rules.shippingRate(input));
    expect(await refused({ pickupLocation: SHOP, countryCodes: ['US'] })).toEqual(['input.pickupLocation INVALID']);
    expect(await refused({ pickupLocation: { ...SHOP, name: '', countryCode: 'ZZ' } })).toEqual([
      'input.pickupLocation.name REQUIRED',
      'input.pickupLocation.countryCode INVALID',
    ]);
    const update = `mutation ($id: ID!, $input: ShippingRateUpdateInput!) { shippingRateUpdate(id: $id, input: $input) {
      shippingRate { zone { id } pickupLocation { city } } userErrors { field code } } }`;
    const change = async (id: string, input: object) =>
      (await order.ask(admin(tenantId), update, { id, input })).data.shippingRateUpdate;
    const pickup = (await rules.shippingRate({ pickupLocation: SHOP })).shippingRate.id;
    const { id: sent, zone } = (await rules.shippingRate()).shippingRate;
    expect(codesOf(await change(pickup, { zoneId: zone.id }))).toEqual(['input.zoneId INVALID']);
    expect(codesOf(await change(pickup, { pickupLocation: null }))).toEqual(['input.pickupLocation REQUIRED']);
    expect(codesOf(await change(sent, { pickupLocation: SHOP }))).toEqual(['input.pickupLocation INVALID']);
    const moved = await change(pickup, { pickupLocation: { ...SHOP, city: 'Troy' } });
    expect(moved.shippingRate).toEqual({ zone: null, pickupLocation: { city: 'Troy' } });
  });
});
