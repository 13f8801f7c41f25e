import { randomUUID } from 'node:crypto';
import { admin, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { cartsOf, codesOf, line } from '../test/carts';
import { orderCreate, orderInput, shippingAddress } from '../test/factories';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { TEST_METHOD } from '../test/testMethod';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const usd = (amount: string) => ({ amount, currencyCode: 'USD' });

/** A store with Standard, free from 200.00, and Express; and the carts of its visitors. */
async function storeWithTwo() {
  const tenantId = freshTenantId();
  const rules = pricingRulesOf(order, tenantId);
  const express = (await rules.shippingRate({ name: 'Express', price: usd('15.00') })).shippingRate.id as string;
  const standard = (await rules.shippingRate({ name: 'Standard', freeFrom: usd('200.00') })).shippingRate.id as string;
  const carts = cartsOf(order, visitor(tenantId));
  const begin = async (input: object = {}) =>
    (await carts.create({ lines: [line('pvar_1')], email: 'ada@example.com', shippingAddress, ...input })).cart;
  const select = (id: string, shippingOptionId: string | null) =>
    carts.change('cartShippingOptionSelect', id, { shippingOptionId });
  const buy = (cartId: string, changes: object = {}) =>
    orderCreate(order, visitor(tenantId), {
      cartId,
      paymentMethodId: TEST_METHOD,
      idempotencyKey: randomUUID(),
      ...changes,
    } as never);
  const remove = (id: string) =>
    order.ask(admin(tenantId), 'mutation ($id: ID!) { shippingRateDelete(id: $id) { deletedShippingRateId } }', { id });
  return { tenantId, express, standard, rules, carts, begin, select, buy, remove };
}

const warningsOf = (cart: { warnings: { code: string }[] }) => cart.warnings.map(({ code }) => code);

async function asBought(tenantId: string, id: string) {
  const query =
    'query ($id: ID!) { order(id: $id) { shippingOptionId shippingName shipping { amount } total { amount } } }';
  return (await order.ask(admin(tenantId), query, { id })).data.order;
}

describe('orderCreate is refused', () => {
  it('with SHIPPING_OPTION_REQUIRED where there are several options and none is chosen; the cart stays open', async () => {
    const { tenantId, begin, buy, carts, express } = await storeWithTwo();
    const cart = await begin();
    expect(codesOf(await buy(cart.id))).toEqual(['input.shippingOptionId SHIPPING_OPTION_REQUIRED']);
    expect(codesOf(await orderCreate(order, visitor(tenantId)))).toEqual([
      'input.shippingOptionId SHIPPING_OPTION_REQUIRED',
    ]);
    expect(warningsOf(await carts.read(cart.id))).toEqual(['SHIPPING_OPTION_REQUIRED']);
    expect((await buy(cart.id, { shippingOptionId: express })).userErrors).toEqual([]);
  });

  it('for an option that does not exist, is another store’s, or is for another country', async () => {
    const { tenantId, rules } = await storeWithTwo();
    const foreign = (await storeWithTwo()).express;
    const german = (await rules.shippingRate({ countryCodes: ['DE'] })).shippingRate.id;
    for (const shippingOptionId of ['srat_none', foreign, german]) {
      const refused = await orderCreate(order, visitor(tenantId), orderInput({ shippingOptionId }));
      expect(codesOf(refused)).toEqual(['input.shippingOptionId SHIPPING_OPTION_UNAVAILABLE']);
    }
  });

  it('for a chosen option that was deleted since, also when only one is left, or none', async () => {
    const { begin, select, buy, remove, carts, express, standard } = await storeWithTwo();
    const cart = await begin();
    await select(cart.id, express);
    for (const deleted of [express, standard]) {
      await remove(deleted);
      expect(codesOf(await buy(cart.id))).toEqual(['input.shippingOptionId SHIPPING_OPTION_UNAVAILABLE']);
      const read = await carts.read(cart.id);
      expect([warningsOf(read), read.shippingOption, read.cost.shipping]).toEqual([
        ['SHIPPING_OPTION_UNAVAILABLE'],
        null,
        null,
      ]);
    }
    expect((await select(cart.id, null)).cart.warnings).toEqual([]);
    expect((await buy(cart.id)).userErrors).toEqual([]);
  });
});

describe('cartShippingOptionSelect is refused', () => {
  it('for what is not offered: no such option, another store’s, without an address, and in an empty cart', async () => {
    const { begin, select, express } = await storeWithTwo();
    const foreign = (await storeWithTwo()).express;
    const cart = await begin();
    for (const [id, option] of [
      [cart.id, 'srat_none'],
      [cart.id, foreign],
      [(await begin({ shippingAddress: null })).id, express],
      [(await begin({ lines: [] })).id, express],
    ]) {
      expect(codesOf(await select(id, option))).toEqual(['input.shippingOptionId SHIPPING_OPTION_UNAVAILABLE']);
    }
  });

  it('for a cart that does not exist, at an old version, and while the catalog does not answer', async () => {
    const { tenantId, begin, select, carts, express } = await storeWithTwo();
    expect(codesOf(await select('cart_none', express))).toEqual(['id NOT_FOUND']);
    const cart = await begin();
    const stale = { shippingOptionId: express, expectedVersion: cart.version + 1 };
    expect(codesOf(await carts.change('cartShippingOptionSelect', cart.id, stale))).toEqual([
      'input.expectedVersion STALE_VERSION',
    ]);
    order.product.fail(tenantId, 'CartVariants', 'CUT', 'CUT');
    await expect(select(cart.id, express)).rejects.toThrow('SERVICE_UNAVAILABLE');
    expect((await carts.read(cart.id)).version).toBe(cart.version);
  });
});

describe('a cart', () => {
  it('lists the options for its address, the cheapest first, and costs none of them before one is chosen', async () => {
    const { begin, express, standard } = await storeWithTwo();
    const cart = await begin();
    expect(cart).toMatchObject({
      shippingOptions: [
        { id: standard, name: 'Standard', price: usd('5.00') },
        { id: express, name: 'Express', price: usd('15.00') },
      ],
      shippingOption: null,
      cost: { shipping: null, total: usd('150.00') },
    });
    expect((await begin({ lines: [line('pvar_1', 2)] })).shippingOptions[0].price).toEqual(usd('0.00'));
  });

  it('is ordered with the chosen option, whose name and price the order keeps', async () => {
    const { tenantId, begin, select, buy, remove, carts, express } = await storeWithTwo();
    const cart = await begin();
    const { cart: chosen } = await select(cart.id, express);
    expect(chosen).toMatchObject({
      version: cart.version + 1,
      shippingOption: { id: express },
      cost: { shipping: { amount: '15.00' }, total: usd('165.00') },
      warnings: [],
    });
    expect((await carts.change('cartLinesAdd', cart.id, { lines: [line('pvar_1')] })).cart.shippingOption).toEqual({
      id: express,
    });
    const { order: placed } = await buy(cart.id, { expectedTotal: usd('315.00') });
    await remove(express);
    expect(await asBought(tenantId, placed.id)).toEqual({
      shippingOptionId: express,
      shippingName: 'Express',
      shipping: { amount: '15.00' },
      total: { amount: '315.00' },
    });
  });

  it('keeps the choice when its address changes to where it is not offered, says so, and takes it again on the way back', async () => {
    const { begin, select, carts, rules, express } = await storeWithTwo();
    const german = (await rules.shippingRate({ name: 'DHL', countryCodes: ['DE'] })).shippingRate.id;
    const cart = await begin();
    await select(cart.id, express);
    const move = async (countryCode: string) =>
      (
        await carts.change('cartShippingAddressUpdate', cart.id, {
          shippingAddress: { ...shippingAddress, countryCode },
        })
      ).cart;
    const moved = await move('DE');
    expect(moved.shippingOptions.map(({ id }: { id: string }) => id)).toEqual([german]);
    expect([warningsOf(moved), moved.cost.shipping]).toEqual([['SHIPPING_OPTION_UNAVAILABLE'], null]);
    expect(await move('US')).toMatchObject({ warnings: [], shippingOption: { id: express } });
  });

  it('takes the only option without a choice, and ships for free in a store without rates', async () => {
    const { tenantId, begin, buy, remove, express, standard } = await storeWithTwo();
    await remove(express);
    const cart = await begin();
    expect(cart).toMatchObject({
      shippingOption: { id: standard },
      cost: { shipping: { amount: '5.00' } },
      warnings: [],
    });
    const bought = await buy(cart.id);
    expect(await asBought(tenantId, bought.order.id)).toMatchObject({ shippingOptionId: standard });
    await remove(standard);
    expect(await begin()).toMatchObject({ shippingOptions: [], cost: { shipping: { amount: '0.00' } }, warnings: [] });
  });

  it('shows the options for a destination before its address is known', async () => {
    const { tenantId, begin, rules } = await storeWithTwo();
    const german = (await rules.shippingRate({ countryCodes: ['DE'] })).shippingRate.id;
    const { id, shippingOptions } = await begin({ shippingAddress: null });
    expect(shippingOptions).toEqual([]);
    const query = `query ($id: ID!, $to: ShippingDestinationInput) { cart(id: $id) { shippingOptions(destination: $to) { id } } }`;
    const ask = (to: object) => order.ask(visitor(tenantId), query, { id, to });
    expect((await ask({ countryCode: 'DE' })).data.cart.shippingOptions).toEqual([{ id: german }]);
    expect((await ask({ countryCode: 'FR' })).data.cart.shippingOptions).toHaveLength(2);
    expect((await ask({ countryCode: 'ZZ' })).errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'destination.countryCode',
    });
  });

  it('of a visitor who signs in brings the choice along, unless the customer’s own has one', async () => {
    const { tenantId, begin, select, express } = await storeWithTwo();
    const cart = await begin();
    await select(cart.id, express);
    const caller = { ...visitor(tenantId), role: 'CUSTOMER' as const, userId: `user_${tenantId}` };
    await cartsOf(order, caller).create({ lines: [line('pvar_2')] });
    const { cart: merged } = await cartsOf(order, caller).merge(cart.id);
    expect(merged.shippingOption).toEqual({ id: express });
  });
});
