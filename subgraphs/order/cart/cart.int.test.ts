import type { Caller } from '../../shared/caller';
import { customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { publishSettings } from '../../shared/test/publishStoreEvents';
import { cartsOf, line, quantitiesOf } from '../test/carts';
import { shippingAddress } from '../test/factories';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const carts = (caller: Caller) => cartsOf(order, caller);

describe('a cart', () => {
  it('adds up quantities of the same variant, keeps the order of lines, and removes lines with quantity 0', async () => {
    const mine = carts(visitor(freshTenantId()));
    const { cart } = await mine.create({ lines: [line('pvar_2'), line('pvar_1', 2), line('pvar_2')] });
    expect(quantitiesOf(cart)).toEqual(['pvar_2 2', 'pvar_1 2']);
    const added = await mine.change('cartLinesAdd', cart.id, { lines: [line('pvar_1'), line('pvar_3')] });
    expect(quantitiesOf(added.cart)).toEqual(['pvar_2 2', 'pvar_1 3', 'pvar_3 1']);
    const [two, one, three] = added.cart.lines.map(({ id }: { id: string }) => id);
    const updated = await mine.change('cartLinesUpdate', cart.id, {
      lines: [
        { id: two, quantity: 0 },
        { id: one, quantity: 7 },
      ],
    });
    expect(quantitiesOf(updated.cart)).toEqual(['pvar_1 7', 'pvar_3 1']);
    const removed = await mine.change('cartLinesRemove', cart.id, { lineIds: [three] });
    expect([quantitiesOf(removed.cart), removed.cart.version]).toEqual([['pvar_1 7'], 4]);
  });

  it('stores and removes e-mail address, shipping address, note and attributes', async () => {
    const mine = carts(visitor(freshTenantId()));
    const { cart } = await mine.create();
    await mine.change('cartBuyerIdentityUpdate', cart.id, { email: 'ada@example.com' });
    await mine.change('cartShippingAddressUpdate', cart.id, { shippingAddress });
    await mine.change('cartBuyerNoteUpdate', cart.id, { buyerNote: ' ring twice ' });
    await mine.change('cartAttributesUpdate', cart.id, { attributes: [{ key: 'gift', value: 'yes' }] });
    const full = await mine.read(cart.id);
    expect(full).toMatchObject({
      email: 'ada@example.com',
      shippingAddress: { city: 'San Francisco' },
      buyerNote: 'ring twice',
    });
    expect(full.attributes).toEqual([{ key: 'gift', value: 'yes' }]);
    await mine.change('cartBuyerIdentityUpdate', cart.id, { email: null });
    await mine.change('cartShippingAddressUpdate', cart.id, { shippingAddress: null });
    await mine.change('cartBuyerNoteUpdate', cart.id, { buyerNote: null });
    await mine.change('cartAttributesUpdate', cart.id, { attributes: [] });
    expect(await mine.read(cart.id)).toMatchObject({
      email: null,
      shippingAddress: null,
      buyerNote: null,
      attributes: [],
      cost: null,
    });
  });

  it('makes one request to the catalog, for variants on sale, however many lines it has', async () => {
    const tenantId = freshTenantId();
    const mine = carts(customer(tenantId));
    const { cart } = await mine.create({ lines: Array.from({ length: 200 }, (_, n) => line(`pvar_${n}`)) });
    const asked = () => order.product.requests.filter(({ caller }) => caller.tenantId === tenantId);
    const before = asked().length;
    await mine.read(cart.id);
    expect(asked()).toHaveLength(before + 1);
    expect(asked().at(-1)?.caller).toMatchObject({ role: 'SERVICE', userId: null, permissions: [] });
  });

  it('costs the same as an order of it, with discount and, once its address is known, shipping and tax', async () => {
    const tenantId = freshTenantId();
    const terms = pricingRulesOf(order, tenantId);
    await terms.shippingRate();
    await terms.taxRate();
    await terms.discount({ code: 'TEN' });
    const mine = carts(visitor(tenantId));
    const { cart } = await mine.create({ lines: [line('pvar_1', 2)], discountCodes: ['ten'] });
    expect(cart.discountCodes).toEqual([{ code: 'TEN', applicable: true }]);
    expect(cart.cost).toEqual({
      ...{
        subtotal: { amount: '300.00' },
        discount: { amount: '30.00' },
        shipping: null,
        tax: null,
        pricesIncludeTax: false,
      },
      total: { amount: '270.00', currencyCode: 'USD' },
    });
    const placed = await mine.change('cartShippingAddressUpdate', cart.id, { shippingAddress });
    expect(placed.cart.cost).toMatchObject({
      shipping: { amount: '5.00' },
      tax: { amount: '27.50' },
      total: { amount: '302.50' },
    });
    expect(placed.cart.lines[0].discount).toEqual({ amount: '30.00' });
  });

  it('answers applicable: false for a code that has expired, is another store’s, or does not exist', async () => {
    const tenantId = freshTenantId();
    const terms = pricingRulesOf(order, tenantId);
    await terms.discount({ code: 'OVER', startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-01-02T00:00:00Z' });
    await pricingRulesOf(order, freshTenantId()).discount({ code: 'THEIRS' });
    const mine = carts(visitor(tenantId));
    const { cart } = await mine.create({ lines: [line('pvar_1')] });
    for (const code of ['NEVER', 'OVER', 'THEIRS']) {
      const changed = await mine.change('cartDiscountCodesUpdate', cart.id, { discountCodes: [code] });
      expect(changed.cart).toMatchObject({
        discountCodes: [{ code, applicable: false }],
        cost: { discount: { amount: '0.00' } },
      });
    }
    expect((await mine.change('cartDiscountCodesUpdate', cart.id, { discountCodes: [] })).cart.discountCodes).toEqual(
      [],
    );
  });

  it('takes several codes, shows of each whether it applies, and sums up its quantities', async () => {
    const tenantId = freshTenantId();
    const rules = pricingRulesOf(order, tenantId);
    await rules.discount({ code: 'A', combinesWithClasses: ['ORDER'] });
    await rules.discount({ code: 'B', combinesWithClasses: ['ORDER'] });
    const mine = carts(visitor(tenantId));
    const { cart } = await mine.create({
      lines: [line('pvar_1', 2), line('pvar_2', 3)],
      discountCodes: ['b', 'a', 'NO', 'B'],
    });
    expect(cart.discountCodes).toEqual([
      { code: 'B', applicable: true },
      { code: 'A', applicable: true },
      { code: 'NO', applicable: false },
    ]);
    expect(cart.cost.discount).toEqual({ amount: '142.50' });
    const { data } = await order.ask(visitor(tenantId), `{ cart(id: "${cart.id}") { totalQuantity } }`);
    expect(data.cart.totalQuantity).toBe(5);
    const six = { discountCodes: ['1', '2', '3', '4', '5', '6'] };
    const refused = await mine.change('cartDiscountCodesUpdate', cart.id, { ...six, expectedVersion: 1 }).catch(String);
    expect(JSON.stringify(refused)).toMatch(/INVALID|THROTTLED/);
  });

  it('warns with the exact stock only when the store shows it', async () => {
    const tenantId = freshTenantId();
    const { cart } = await carts(visitor(tenantId)).create({ lines: [line('pvar_few', 2)] });
    for (const [showExactStock, message] of [
      [true, 'Fewer are left: 1.'],
      [false, 'Fewer are left.'],
    ] as const) {
      await publishSettings({ url: order.url, name: 'order' }, tenantId, { showExactStock });
      const { data } = await order.ask(
        visitor(tenantId),
        'query ($id: ID!) { cart(id: $id) { warnings { message } } }',
        {
          id: cart.id,
        },
      );
      expect(data.cart.warnings).toEqual([{ message }]);
    }
  });

  it('has warnings for each line', async () => {
    const tenantId = freshTenantId();
    const mine = carts(visitor(tenantId));
    await pricingRulesOf(order, tenantId).shippingRate({ countryCodes: ['DE'] });
    const wanted = [line('pvar_dear'), line('pvar_sold'), line('pvar_few', 2), line('pvar_back', 9), line('pvar_fine')];
    const { cart } = await mine.create({ lines: wanted, shippingAddress });
    order.product.price(tenantId, 'pvar_dear', '151.00');
    // A variant that is not in the catalog any more: a cart may still have it.
    await asOwner(
      order.ownerUrl,
      tenantId,
      `UPDATE cart_lines SET variant_id = 'pvar_none' WHERE variant_id = 'pvar_fine'`,
    );
    const read = await mine.read(cart.id);
    const at = (index: number) => cart.lines[index].id;
    expect(read.warnings).toEqual([
      { code: 'PRICE_CHANGED', lineId: at(0) },
      { code: 'OUT_OF_STOCK', lineId: at(1) },
      { code: 'INSUFFICIENT_STOCK', lineId: at(2) },
      { code: 'UNAVAILABLE', lineId: at(4) },
      { code: 'SHIPPING_UNAVAILABLE', lineId: null },
    ]);
    expect(read.lines[0]).toMatchObject({ unitPrice: { amount: '151.00' }, seenPrice: { amount: '150.00' } });
    expect(read.lines[4]).toMatchObject({
      unitPrice: null,
      totalPrice: null,
      discount: null,
      variant: { id: 'pvar_none' },
    });
    expect(read.cost.subtotal).toEqual({ amount: '1951.00' });
    const confirmed = await mine.change('cartPricesConfirm', cart.id, { expectedVersion: 1 });
    expect(confirmed.cart.warnings.map(({ code }: { code: string }) => code)).not.toContain('PRICE_CHANGED');
  });

  it('in several currencies has no cost, and a warning', async () => {
    const { cart } = await carts(visitor(freshTenantId())).create({ lines: [line('pvar_1'), line('pvar_JPY')] });
    expect(cart).toMatchObject({ cost: null, warnings: [{ code: 'CURRENCY_MISMATCH', lineId: null }] });
  });

  it('can be read, without prices, and changed while the catalog is unavailable', async () => {
    const tenantId = freshTenantId();
    const mine = carts(visitor(tenantId));
    const { cart } = await mine.create({ lines: [line('pvar_1')], discountCodes: ['A'] });
    order.product.fail(tenantId, 'CartVariants', ...Array.from({ length: 4 }, () => 'CUT' as const));
    const read = await mine.read(cart.id);
    expect(read).toMatchObject({ cost: null, discountCodes: [{ code: 'A', applicable: null }] });
    expect(read.lines).toMatchObject([
      { variantId: 'pvar_1', quantity: 1, unitPrice: null, seenPrice: { amount: '150.00' } },
    ]);
    expect(read.warnings).toEqual([{ code: 'CATALOG_UNAVAILABLE', lineId: null }]);
    const added = await mine.change('cartLinesAdd', cart.id, { lines: [line('pvar_2')] });
    expect([added.userErrors, quantitiesOf(added.cart)]).toEqual([[], ['pvar_1 1', 'pvar_2 1']]);
    const confirm = `mutation { cartPricesConfirm(id: "${cart.id}", input: {}) { cart { id } } }`;
    expect((await order.ask(visitor(tenantId), confirm)).errors?.[0]?.extensions?.code).toBe('SERVICE_UNAVAILABLE');
    const later = await mine.read(cart.id);
    expect(later.warnings).toEqual([{ code: 'PRICE_CHANGED', lineId: later.lines[1].id }]);
  });
});
