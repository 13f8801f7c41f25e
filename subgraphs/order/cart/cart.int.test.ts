import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { type CART_MUTATIONS, cartsOf } from '../test/carts';
import { shippingAddress } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { storeTermsOf } from '../test/storeTerms';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order.close());

const carts = (caller: Caller) => cartsOf(order, caller);
const line = (variantId: string, quantity = 1) => ({ variantId, quantity });
const codesOf = (payload: { userErrors: { field: string[]; code: string }[] }) =>
  payload.userErrors.map(({ field, code }) => `${field.join('.')} ${code}`);
const quantitiesOf = (cart: { lines: { variantId: string; quantity: number }[] }) =>
  cart.lines.map(({ variantId, quantity }) => `${variantId} ${quantity}`);

/** A valid input of each mutation, for a cart of one line. */
const inputsFor = (lineId: string): [keyof typeof CART_MUTATIONS, object][] => [
  ['cartLinesAdd', { lines: [line('pvar_2')] }],
  ['cartLinesUpdate', { lines: [{ id: lineId, quantity: 5 }] }],
  ['cartLinesRemove', { lineIds: [lineId] }],
  ['cartPricesConfirm', {}],
  ['cartBuyerIdentityUpdate', { email: 'eve@example.com' }],
  ['cartShippingAddressUpdate', { shippingAddress }],
  ['cartNoteUpdate', { note: 'x' }],
  ['cartAttributesUpdate', { attributes: [{ key: 'k', value: 'v' }] }],
  ['cartDiscountCodesUpdate', { codes: ['X'] }],
];

describe('a cart that is not one’s own', () => {
  it.each<[string, (store: string, other: string) => [Caller, Caller]]>([
    ['another store’s visitor’s', (store, other) => [visitor(other), visitor(store)]],
    ['another store’s customer’s, of the same name', (store, other) => [customer(other), customer(store)]],
    ['another customer’s of the store', (store) => [customer(store, 'user_ada'), customer(store, 'user_bob')]],
    ['a customer’s, for a visitor who knows its id', (store) => [customer(store, 'user_ada'), visitor(store)]],
    ['a customer’s, for the store’s admin', (store) => [customer(store, 'user_ada'), admin(store)]],
  ])('is as one that never was: %s', async (_whose, callers) => {
    const [store, other] = [freshTenantId(), freshTenantId('other')];
    const [owner, stranger] = callers(store, other);
    const { cart } = await carts(owner).create({ lines: [line('pvar_1')] });
    const before = [await checksumOfTenant(order.ownerUrl, store), await checksumOfTenant(order.ownerUrl, other)];
    const foreign = carts(stranger);
    expect(await foreign.read(cart.id)).toBeNull();
    for (const [name, input] of inputsFor(cart.lines[0].id)) {
      const payload = await foreign.change(name, cart.id, input);
      expect([name, payload]).toEqual([name, await foreign.change(name, 'cart_none', input)]);
      expect(codesOf(payload)).toEqual(['id NOT_FOUND']);
    }
    if (stranger.userId) {
      expect(await foreign.merge(cart.id)).toEqual(await foreign.merge('cart_none'));
      expect(await foreign.mine()).toBeNull();
    }
    expect([await checksumOfTenant(order.ownerUrl, store), await checksumOfTenant(order.ownerUrl, other)]).toEqual(
      before,
    );
  });

  it('has lines that another cart does not know', async () => {
    const mine = carts(visitor(freshTenantId()));
    const [one, other] = [
      await mine.create({ lines: [line('pvar_1')] }),
      await mine.create({ lines: [line('pvar_1')] }),
    ];
    const foreign = other.cart.lines[0].id;
    const update = { lines: [{ id: foreign, quantity: 2 }] };
    expect(codesOf(await mine.change('cartLinesUpdate', one.cart.id, update))).toEqual(['input.lines.0.id NOT_FOUND']);
    expect(codesOf(await mine.change('cartLinesRemove', one.cart.id, { lineIds: [foreign] }))).toEqual([
      'input.lineIds.0 NOT_FOUND',
    ]);
    expect((await mine.read(one.cart.id)).version).toBe(1);
  });

  it('may not be merged by a visitor, nor asked for as myCart', async () => {
    const store = freshTenantId();
    const { cart } = await carts(visitor(store)).create();
    for (const query of ['{ myCart { id } }', `mutation { cartMerge(id: "${cart.id}") { cart { id } } }`]) {
      expect((await order.ask(visitor(store), query)).errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    }
  });

  it('has an id with 128 random bits', async () => {
    const mine = carts(visitor(freshTenantId()));
    const ids = [(await mine.create()).cart.id, (await mine.create()).cart.id];
    for (const id of ids) expect(id).toMatch(/^cart_[0-9a-hjkmnp-tv-z]{26}[0-9a-f]{32}$/);
    expect(ids[0].slice(-32)).not.toBe(ids[1].slice(-32));
  });
});

describe('a change is refused', () => {
  it.each<[keyof typeof CART_MUTATIONS, object, string]>([
    ['cartLinesAdd', { lines: [] }, 'input.lines REQUIRED'],
    ['cartLinesAdd', { lines: [line('pvar_1', 0)] }, 'input.lines.0.quantity INVALID'],
    ['cartLinesAdd', { lines: [line('pvar_1', -5)] }, 'input.lines.0.quantity INVALID'],
    ['cartLinesAdd', { lines: [line('pvar_1', 1_000_001)] }, 'input.lines.0.quantity INVALID'],
    ['cartLinesAdd', { lines: Array.from({ length: 201 }, (_, n) => line(`pvar_${n}`)) }, 'input.lines INVALID'],
    ['cartLinesAdd', { lines: Array.from({ length: 10_000 }, (_, n) => line(`pvar_${n}`)) }, 'input.lines INVALID'],
    ['cartLinesAdd', { lines: [line('pvar_1'), line('pvar_none')] }, 'input.lines.1.variantId NOT_FOUND'],
    ['cartLinesAdd', { lines: [line('pvar_full', 1_000_000)] }, 'input.lines INVALID'],
    ['cartLinesUpdate', { lines: [{ id: 'clin_none', quantity: 1 }] }, 'input.lines.0.id NOT_FOUND'],
    ['cartLinesUpdate', { lines: [{ id: 'clin_none', quantity: -1 }] }, 'input.lines.0.quantity INVALID'],
    ['cartBuyerIdentityUpdate', { email: 'nobody' }, 'input.email INVALID'],
    [
      'cartShippingAddressUpdate',
      { shippingAddress: { ...shippingAddress, countryCode: 'ZZ' } },
      'input.shippingAddress.countryCode INVALID',
    ],
    ['cartNoteUpdate', { note: 'x'.repeat(5_001) }, 'input.note INVALID'],
    [
      'cartAttributesUpdate',
      {
        attributes: [
          { key: 'a', value: '1' },
          { key: 'a', value: '2' },
        ],
      },
      'input.attributes INVALID',
    ],
    [
      'cartAttributesUpdate',
      { attributes: Array.from({ length: 21 }, (_, n) => ({ key: `${n}`, value: 'x' })) },
      'input.attributes INVALID',
    ],
    ['cartDiscountCodesUpdate', { codes: ['A', 'B'] }, 'input.codes INVALID'],
    ['cartNoteUpdate', { note: 'x', expectedVersion: 2 }, 'input.expectedVersion STALE_VERSION'],
  ])('%s of %j', async (name, input, expected) => {
    const mine = carts(visitor(freshTenantId()));
    const { cart } = await mine.create({ lines: [line('pvar_1'), line('pvar_full', 1)] });
    const payload = await mine.change(name, cart.id, input);
    expect(codesOf(payload)).toEqual([expected]);
    expect(payload.cart).toEqual(expected.endsWith('STALE_VERSION') ? cart : null);
    expect(await mine.read(cart.id)).toEqual(cart);
  });

  it('by one of two that have seen the same version, and not by both', async () => {
    const mine = carts(visitor(freshTenantId()));
    const { cart } = await mine.create({ lines: [line('pvar_1')] });
    const add = () => mine.change('cartLinesAdd', cart.id, { lines: [line('pvar_1')], expectedVersion: 1 });
    const payloads = await Promise.all([add(), add(), add(), add()]);
    expect(payloads.flatMap(codesOf)).toEqual(Array.from({ length: 3 }, () => 'input.expectedVersion STALE_VERSION'));
    expect(quantitiesOf(await mine.read(cart.id))).toEqual(['pvar_1 2']);
  });

  it('to a 201st line, also when two add at once', async () => {
    const mine = carts(visitor(freshTenantId()));
    const { cart } = await mine.create({ lines: Array.from({ length: 150 }, (_, n) => line(`pvar_${n}`)) });
    const more = (from: number) => ({ lines: Array.from({ length: 40 }, (_, n) => line(`pvar_${from + n}`)) });
    const payloads = await Promise.all([1_000, 2_000].map((from) => mine.change('cartLinesAdd', cart.id, more(from))));
    expect(payloads.flatMap(codesOf)).toEqual(['input.lines TOO_MANY_LINES']);
    expect((await mine.read(cart.id)).lines).toHaveLength(190);
  });

  it('when one request names more codes than a buyer has: it is a search', async () => {
    const store = freshTenantId();
    const { cart } = await carts(visitor(store)).create();
    const tries = Array.from(
      { length: 100 },
      (_, n) => `a${n}: cartDiscountCodesUpdate(id: "${cart.id}", input: { codes: ["C${n}"] }) { cart { version } }`,
    );
    const { data, errors } = await order.ask(visitor(store), `mutation { ${tries.join(' ')} }`);
    expect(errors?.[0]?.extensions?.code).toBe('THROTTLED');
    expect(data).toBeNull();
    expect((await carts(visitor(store)).read(cart.id)).version).toBe(6);
  });
});

describe('a cart', () => {
  it('adds up what is put in twice, keeps the order, and lets go of what is none any more', async () => {
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

  it('keeps who buys, where it goes, a note and attributes, and lets go of them', async () => {
    const mine = carts(visitor(freshTenantId()));
    const { cart } = await mine.create();
    await mine.change('cartBuyerIdentityUpdate', cart.id, { email: 'ada@example.com' });
    await mine.change('cartShippingAddressUpdate', cart.id, { shippingAddress });
    await mine.change('cartNoteUpdate', cart.id, { note: ' ring twice ' });
    await mine.change('cartAttributesUpdate', cart.id, { attributes: [{ key: 'gift', value: 'yes' }] });
    const full = await mine.read(cart.id);
    expect(full).toMatchObject({
      email: 'ada@example.com',
      shippingAddress: { city: 'San Francisco' },
      note: 'ring twice',
    });
    expect(full.attributes).toEqual([{ key: 'gift', value: 'yes' }]);
    await mine.change('cartBuyerIdentityUpdate', cart.id, { email: null });
    await mine.change('cartShippingAddressUpdate', cart.id, { shippingAddress: null });
    await mine.change('cartNoteUpdate', cart.id, { note: null });
    await mine.change('cartAttributesUpdate', cart.id, { attributes: [] });
    expect(await mine.read(cart.id)).toMatchObject({
      email: null,
      shippingAddress: null,
      note: null,
      attributes: [],
      cost: null,
    });
  });

  it('asks the catalog once, with a visitor’s eyes, however many lines it has', async () => {
    const tenantId = freshTenantId();
    const mine = carts(customer(tenantId));
    const { cart } = await mine.create({ lines: Array.from({ length: 200 }, (_, n) => line(`pvar_${n}`)) });
    const asked = () => order.product.requests.filter(({ caller }) => caller.tenantId === tenantId);
    const before = asked().length;
    await mine.read(cart.id);
    expect(asked()).toHaveLength(before + 1);
    expect(asked().at(-1)?.caller).toMatchObject({ role: 'VISITOR', userId: null, permissions: [] });
  });

  it('costs what an order of it would: with discount, shipping and tax, once its address is known', async () => {
    const tenantId = freshTenantId();
    const terms = storeTermsOf(order, tenantId);
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
        taxIncluded: false,
      },
      total: { amount: '270.00', currencyCode: 'USD' },
    });
    const placed = await mine.change('cartShippingAddressUpdate', cart.id, { shippingAddress });
    expect(placed.cart.cost).toMatchObject({
      ...{ shipping: { amount: '5.00' }, tax: { amount: '27.50' }, total: { amount: '302.50' } },
    });
    expect(placed.cart.lines[0].discount).toEqual({ amount: '30.00' });
  });

  it('says of a code that never was, is over, or is used up by its buyer only that it does not apply', async () => {
    const tenantId = freshTenantId();
    const terms = storeTermsOf(order, tenantId);
    await terms.discount({ code: 'OVER', startsAt: '2020-01-01T00:00:00Z', endsAt: '2020-01-02T00:00:00Z' });
    await storeTermsOf(order, freshTenantId()).discount({ code: 'THEIRS' });
    const mine = carts(visitor(tenantId));
    const { cart } = await mine.create({ lines: [line('pvar_1')] });
    for (const code of ['NEVER', 'OVER', 'THEIRS']) {
      const changed = await mine.change('cartDiscountCodesUpdate', cart.id, { codes: [code] });
      expect(changed.cart).toMatchObject({
        discountCodes: [{ code, applicable: false }],
        cost: { discount: { amount: '0.00' } },
      });
    }
    expect((await mine.change('cartDiscountCodesUpdate', cart.id, { codes: [] })).cart.discountCodes).toEqual([]);
  });

  it('says how many are left where the store shows it, and nowhere else', async () => {
    const tenantId = freshTenantId();
    const { cart } = await carts(visitor(tenantId)).create({ lines: [line('pvar_few', 2)] });
    for (const [showsExactStock, message] of [
      [true, 'Fewer are left: 1.'],
      [false, 'Fewer are left.'],
    ] as const) {
      const caller = { ...visitor(tenantId), showsExactStock };
      const { data } = await order.ask(caller, 'query ($id: ID!) { cart(id: $id) { warnings { message } } }', {
        id: cart.id,
      });
      expect(data.cart.warnings).toEqual([{ message }]);
    }
  });

  it('warns of what its buyer should know, line by line', async () => {
    const tenantId = freshTenantId();
    const mine = carts(visitor(tenantId));
    await storeTermsOf(order, tenantId).shippingRate({ countryCodes: ['DE'] });
    const wanted = [line('pvar_dear'), line('pvar_sold'), line('pvar_few', 2), line('pvar_back', 9), line('pvar_fine')];
    const { cart } = await mine.create({ lines: wanted, shippingAddress });
    order.product.price(tenantId, 'pvar_dear', '151.00');
    // What has left the catalog since: a cart may hold what the catalog does not know.
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

  it('in several currencies has no cost, and says why', async () => {
    const { cart } = await carts(visitor(freshTenantId())).create({ lines: [line('pvar_1'), line('pvar_JPY')] });
    expect(cart).toMatchObject({ cost: null, warnings: [{ code: 'CURRENCY_MISMATCH', lineId: null }] });
  });

  it('is there while the catalog is not, with what is known of it, and can be changed', async () => {
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
