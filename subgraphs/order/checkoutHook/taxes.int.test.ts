import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { type HookServer, startHookServer } from './test/hookServer';
import { storeWithHook } from './test/storeWithHook';

let order: OrderSubgraphUnderTest;
let server: HookServer;
beforeAll(async () => {
  [order, server] = await Promise.all([startTestSubgraph(), startHookServer()]);
});
afterAll(async () => {
  await server?.close();
  await order?.close();
});

const open = (more: object = {}) => storeWithHook(order, server, 'TAX', more);
const state = (amount: string) => ({ title: 'State', rate: '6.25', amount });
const city = (amount: string) => ({ title: 'City', rate: '1.5', amount });
const money = (amount: string) => ({ amount });

const TWO_LINES = {
  lines: [
    { variantId: 'pvar_1', quantity: 1 },
    { variantId: 'pvar_reduced', quantity: 2 },
  ],
};

describe('the taxes of a store’s tax service', () => {
  it('are charged to the cent on each line and on shipping, instead of those by the store’s rates', async () => {
    const store = await open();
    await store.rules.taxRate();
    await store.rules.shippingRate({ price: { amount: '5.00', currencyCode: 'USD' } });
    server.answers({
      lines: [
        { position: 1, taxLines: [state('18.74')] },
        { position: 0, taxLines: [state('9.37'), city('2.26')] },
      ],
      shipping: { taxLines: [city('0.08')] },
    });
    const id = await store.fill(1, TWO_LINES);
    const expected = {
      tax: money('30.45'),
      taxLines: [
        { title: 'State', rate: '6.25', amount: money('28.11') },
        { title: 'City', rate: '1.5', amount: money('2.34') },
      ],
      total: money('485.45'),
    };
    expect((await store.read(id)).cost).toMatchObject(expected);
    const { order: placed, userErrors } = await store.checkOut(id);
    expect(userErrors).toEqual([]);
    expect(placed).toMatchObject({
      ...expected,
      shippingTax: money('0.08'),
      items: [
        {
          tax: money('11.63'),
          taxLines: [
            { title: 'State', amount: money('9.37') },
            { title: 'City', amount: money('2.26') },
          ],
        },
        { tax: money('18.74'), taxLines: [{ title: 'State', amount: money('18.74') }] },
      ],
    });
    expect(store.questions().map(({ json }) => json)).toEqual([
      {
        version: 1,
        kind: 'TAX',
        storeId: store.tenantId,
        storeCountryCode: null,
        currencyCode: 'USD',
        pricesIncludeTax: false,
        destination: { countryCode: 'US', province: 'CA', postalCode: '94105' },
        vatId: null,
        lines: [
          expect.objectContaining({ position: 0, variantId: 'pvar_1', taxClass: 'STANDARD', amount: '150.00' }),
          expect.objectContaining({
            position: 1,
            sku: 'SKU of pvar_reduced',
            quantity: 2,
            taxClass: 'REDUCED',
            amount: '300.00',
          }),
        ],
        shipping: { amount: '5.00' },
      },
    ]);
  });

  it('are included in the prices where these include tax, calculated from the rates alone', async () => {
    const store = await open();
    await store.rules.pricesIncludeTax(true);
    server.answers({ lines: [{ position: 0, taxLines: [{ title: 'VAT', rate: '20' }] }] });
    const id = await store.fill();
    expect((await store.read(id)).cost).toMatchObject({ tax: money('25.00'), total: money('150.00') });
    expect((await store.checkOut(id)).order).toMatchObject({ tax: money('25.00'), total: money('150.00') });
  });

  it('that changed since they were shown refuse the order', async () => {
    const store = await open();
    server.answers({ lines: [{ position: 0, taxLines: [state('9.37')] }] });
    const id = await store.fill();
    await store.read(id);
    await store.sql('DELETE FROM checkout_hook_answers');
    server.answers({ lines: [{ position: 0, taxLines: [state('9.38')] }] });
    expect((await store.checkOut(id)).userErrors).toEqual([
      { field: ['input', 'cartId'], code: 'PRICE_CHANGED' },
      { field: ['input', 'cartId'], code: 'PRICE_CHANGED' },
    ]);
  });

  it('are not asked for without an address, nor where the buyer owes the tax', async () => {
    const store = await open();
    await store.rules.taxSettings({ countryCode: 'DE' });
    expect((await store.read(await store.fill(1, { shippingAddress: null }))).cost).toMatchObject({ tax: null });
    const shippingAddress = { name: 'Ada', line1: '1 Rue', city: 'Paris', postalCode: '75001', countryCode: 'FR' };
    const business = { shippingAddress, billingAddress: { ...shippingAddress, vatId: 'FR40303265045' } };
    expect((await store.read(await store.fill(1, business))).cost).toMatchObject({ tax: money('0.00') });
    expect(store.questions()).toEqual([]);
  });
});

describe('a tax service that does not answer', () => {
  it('leaves the store’s own rates', async () => {
    const store = await open();
    await store.rules.taxRate();
    server.answers({}, 500);
    const id = await store.fill();
    expect(await store.read(id)).toMatchObject({ warnings: [], cost: { tax: money('15.00'), total: money('165.00') } });
    expect((await store.checkOut(id)).order).toMatchObject({ tax: money('15.00'), total: money('165.00') });
  });

  it('refuses orders where the store wants that, until it answers again; nothing is written before', async () => {
    const store = await open({ whenUnavailable: 'REFUSE' });
    await store.rules.taxRate();
    server.answers({}, 500);
    const id = await store.fill();
    expect(await store.read(id)).toMatchObject({ warnings: [{ code: 'TAX_UNAVAILABLE' }], cost: { tax: null } });
    const idempotencyKey = 'a-key-that-is-used-again';
    const refused = await store.checkOut(id, { idempotencyKey });
    expect(refused).toEqual({
      order: null,
      nextStep: 'REVIEW_CART',
      userErrors: [{ field: ['input'], code: 'TAX_UNAVAILABLE' }],
    });
    expect(await store.sql('SELECT id FROM orders')).toEqual([]);
    server.answers({ lines: [{ position: 0, taxLines: [state('9.37')] }] });
    await store.sql('DELETE FROM checkout_hook_answers');
    const { order: placed } = await store.checkOut(id, { idempotencyKey });
    expect(placed).toMatchObject({ tax: money('9.37'), total: money('159.37') });
  });
});
