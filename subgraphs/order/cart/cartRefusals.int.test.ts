import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { type CART_MUTATIONS, cartsOf, codesOf, line, quantitiesOf } from '../test/carts';
import { orderCreate, orderInput, shippingAddress } from '../test/factories';
import { pricingRulesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const carts = (caller: Caller) => cartsOf(order, caller);

/** A valid input of each mutation, for a cart of one line. */
const inputsFor = (lineId: string): [keyof typeof CART_MUTATIONS, object][] => [
  ['cartLinesAdd', { lines: [line('pvar_2')] }],
  ['cartLinesUpdate', { lines: [{ id: lineId, quantity: 5 }] }],
  ['cartLinesRemove', { lineIds: [lineId] }],
  ['cartPricesConfirm', {}],
  ['cartBuyerIdentityUpdate', { email: 'eve@example.com' }],
  ['cartShippingAddressUpdate', { shippingAddress }],
  ['cartBuyerNoteUpdate', { buyerNote: 'x' }],
  ['cartAttributesUpdate', { attributes: [{ key: 'k', value: 'v' }] }],
  ['cartDiscountCodesUpdate', { discountCodes: ['X'] }],
];

describe('a cart that is not one’s own', () => {
  it.each<[string, (store: string, other: string) => [Caller, Caller]]>([
    ['another store’s visitor’s', (store, other) => [visitor(other), visitor(store)]],
    ['another store’s customer’s, of the same name', (store, other) => [customer(other), customer(store)]],
    ['another customer’s of the store', (store) => [customer(store, 'user_ada'), customer(store, 'user_bob')]],
    ['a customer’s, for a visitor who knows its id', (store) => [customer(store, 'user_ada'), visitor(store)]],
    ['a customer’s, for the store’s admin', (store) => [customer(store, 'user_ada'), admin(store)]],
  ])('is answered like one that does not exist: %s', async (_whose, callers) => {
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

  it('has lines that can’t be changed through another cart', async () => {
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

  it('can’t be merged by a visitor, and is not myCart of one', async () => {
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
    ['cartBuyerNoteUpdate', { buyerNote: 'x'.repeat(5_001) }, 'input.buyerNote INVALID'],
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
    ['cartDiscountCodesUpdate', { discountCodes: ['A', 'x'.repeat(65)] }, 'input.discountCodes.1 INVALID'],
    ['cartBuyerNoteUpdate', { buyerNote: 'x', expectedVersion: 2 }, 'input.expectedVersion STALE_VERSION'],
  ])('%s of %j', async (name, input, expected) => {
    const mine = carts(visitor(freshTenantId()));
    const { cart } = await mine.create({ lines: [line('pvar_1'), line('pvar_full', 1)] });
    const payload = await mine.change(name, cart.id, input);
    expect(codesOf(payload)).toEqual([expected]);
    expect(payload.cart).toEqual(expected.endsWith('STALE_VERSION') ? cart : null);
    expect(await mine.read(cart.id)).toEqual(cart);
  });

  it('of a stale version: of two with the same version one succeeds', async () => {
    const mine = carts(visitor(freshTenantId()));
    const { cart } = await mine.create({ lines: [line('pvar_1')] });
    const add = () => mine.change('cartLinesAdd', cart.id, { lines: [line('pvar_1')], expectedVersion: 1 });
    const payloads = await Promise.all([add(), add(), add(), add()]);
    expect(payloads.flatMap(codesOf)).toEqual(Array.from({ length: 3 }, () => 'input.expectedVersion STALE_VERSION'));
    expect(quantitiesOf(await mine.read(cart.id))).toEqual(['pvar_1 2']);
  });

  it('with a 201st line, also by concurrent requests', async () => {
    const mine = carts(visitor(freshTenantId()));
    const { cart } = await mine.create({ lines: Array.from({ length: 150 }, (_, n) => line(`pvar_${n}`)) });
    const more = (from: number) => ({ lines: Array.from({ length: 40 }, (_, n) => line(`pvar_${from + n}`)) });
    const payloads = await Promise.all([1_000, 2_000].map((from) => mine.change('cartLinesAdd', cart.id, more(from))));
    expect(payloads.flatMap(codesOf)).toEqual(['input.lines TOO_MANY_LINES']);
    expect((await mine.read(cart.id)).lines).toHaveLength(190);
  });

  it('when one request tries more codes than allowed', async () => {
    const store = freshTenantId();
    const { cart } = await carts(visitor(store)).create();
    const tries = Array.from(
      { length: 100 },
      (_, n) =>
        `a${n}: cartDiscountCodesUpdate(id: "${cart.id}", input: { discountCodes: ["C${n}"] }) { cart { version } }`,
    );
    const { data, errors } = await order.ask(visitor(store), `mutation { ${tries.join(' ')} }`);
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    expect(Object.values(data).filter((payload) => payload === null)).toHaveLength(95);
    expect((await carts(visitor(store)).read(cart.id)).version).toBe(6);
  });

  it('when one address tries more wrong codes than allowed, in however many requests; right ones are not counted', async () => {
    const store = freshTenantId();
    const from = (clientAddress: string) => carts({ ...visitor(store), clientAddress });
    await pricingRulesOf(order, store).discount({ code: 'RIGHT' });
    const { cart } = await from('203.0.113.7').create();
    const tryCode = async (code: string, address = '203.0.113.7') => {
      const tried = from(address).change('cartDiscountCodesUpdate', cart.id, { discountCodes: [code] });
      return tried.then(codesOf, (error: Error) => JSON.parse(error.message)[0].extensions.code);
    };
    for (let n = 0; n < 30; n += 1) expect(await tryCode('RIGHT')).toEqual([]);
    for (let n = 0; n < 20; n += 1) expect(await tryCode(`WRONG-${n}`)).toEqual([]);
    expect(await tryCode('RIGHT')).toBe('THROTTLED');
    await expect(from('203.0.113.7').create({ discountCodes: ['RIGHT'] })).rejects.toThrow('THROTTLED');
    const input = orderInput({ discountCodes: ['RIGHT'] });
    await expect(orderCreate(order, { ...visitor(store), clientAddress: '203.0.113.7' }, input)).rejects.toThrow(
      'THROTTLED',
    );
    expect(await tryCode('RIGHT', '203.0.113.8')).toEqual([]);
  });
});
