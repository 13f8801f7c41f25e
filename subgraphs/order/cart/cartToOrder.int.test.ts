import { randomUUID } from 'node:crypto';
import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { cartsOf } from '../test/carts';
import { orderCreate, shippingAddress } from '../test/factories';
import { pricingRulesOf, usesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order.close());

const codesOf = (payload: { userErrors: { field: string[]; code: string }[] }) =>
  payload.userErrors.map(({ field, code }) => `${field.slice(1).join('.')} ${code}`);

async function readyCart(caller: Caller, changes: object = {}): Promise<{ id: string; version: number }> {
  const lines = [
    { variantId: 'pvar_1', quantity: 2 },
    { variantId: 'pvar_2', quantity: 1 },
  ];
  const { cart } = await cartsOf(order, caller).create({
    lines,
    email: 'ada@example.com',
    shippingAddress,
    ...changes,
  });
  return cart;
}

/** An order of a cart, as `caller` sends it. */
function checkOut(caller: Caller, cartId: string, changes: Record<string, unknown> = {}) {
  const input = { cartId, paymentMethod: 'MANUAL', idempotencyKey: randomUUID(), ...changes };
  return orderCreate(order, caller, input as unknown as Parameters<typeof orderCreate>[2]);
}

const ordersOf = (tenantId: string) => asOwner(order.ownerUrl, tenantId, 'SELECT id FROM orders');

describe('an order of a cart is refused', () => {
  it.each<[string, (store: string, other: string) => [Caller, Caller]]>([
    ['another store’s', (store, other) => [visitor(other), visitor(store)]],
    ['another customer’s', (store) => [customer(store, 'user_ada'), customer(store, 'user_bob')]],
    ['a customer’s, for a visitor', (store) => [customer(store), visitor(store)]],
  ])('as of one that never was: %s', async (_whose, callers) => {
    const [store, other] = [freshTenantId(), freshTenantId('other')];
    const [owner, stranger] = callers(store, other);
    const { id } = await readyCart(owner);
    const before = [await checksumOfTenant(order.ownerUrl, store), await checksumOfTenant(order.ownerUrl, other)];
    const foreign = await checkOut(stranger, id, { email: 'eve@example.com', shippingAddress });
    expect(foreign).toEqual(await checkOut(stranger, 'cart_none', { email: 'eve@example.com', shippingAddress }));
    expect(codesOf(foreign)).toEqual(['cartId NOT_FOUND']);
    expect([await checksumOfTenant(order.ownerUrl, store), await checksumOfTenant(order.ownerUrl, other)]).toEqual(
      before,
    );
  });

  it('that is empty, or without what an order needs, or beside lines of its own', async () => {
    const tenantId = freshTenantId();
    const empty = await readyCart(visitor(tenantId), { lines: [] });
    expect(codesOf(await checkOut(visitor(tenantId), empty.id))).toEqual(['cartId REQUIRED']);
    const bare = await readyCart(visitor(tenantId), { email: null, shippingAddress: null });
    expect(codesOf(await checkOut(visitor(tenantId), bare.id))).toEqual(['email REQUIRED', 'shippingAddress REQUIRED']);
    const lines = [{ variantId: 'pvar_1', quantity: 1 }];
    expect(codesOf(await checkOut(visitor(tenantId), bare.id, { lines }))).toEqual(['lines INVALID']);
  });

  it('where something costs other than its buyer was shown; and is placed when they have confirmed it', async () => {
    const tenantId = freshTenantId();
    const cart = await readyCart(visitor(tenantId));
    order.product.price(tenantId, 'pvar_2', '99.00');
    expect(codesOf(await checkOut(visitor(tenantId), cart.id))).toEqual(['lines.1 PRICE_CHANGED']);
    const mine = cartsOf(order, visitor(tenantId));
    expect((await mine.read(cart.id)).lines).toHaveLength(2);
    await mine.change('cartPricesConfirm', cart.id);
    const { order: placed } = await checkOut(visitor(tenantId), cart.id);
    expect(placed.total).toEqual({ amount: '399.00', currencyCode: 'USD' });
  });

  it('whose lines the catalog gave no price for when they were put in', async () => {
    const tenantId = freshTenantId();
    order.product.fail(tenantId, 'CartVariants', 'CUT');
    const cart = await readyCart(visitor(tenantId));
    expect(codesOf(await checkOut(visitor(tenantId), cart.id))).toEqual([
      'lines.0 PRICE_CHANGED',
      'lines.1 PRICE_CHANGED',
    ]);
  });

  it.each([
    ['pvar_none', 'lines.0.variantId NOT_FOUND'],
    ['pvar_few', 'lines.0.quantity INSUFFICIENT_STOCK'],
  ])('for %s; the cart, and the use of its code, are there again', async (variantId, expected) => {
    const tenantId = freshTenantId();
    const { discount } = await pricingRulesOf(order, tenantId).discount({ code: 'ONCE', usageLimit: 1 });
    const cart = await readyCart(visitor(tenantId), { discountCodes: ['once'] });
    await asOwner(
      order.ownerUrl,
      tenantId,
      `UPDATE cart_lines SET variant_id = '${variantId}' WHERE variant_id = 'pvar_1'`,
    );
    expect(codesOf(await checkOut(visitor(tenantId), cart.id))).toEqual([expected]);
    const mine = cartsOf(order, visitor(tenantId));
    const [first] = (await mine.read(cart.id)).lines;
    expect(await usesOf(order, tenantId, discount.id)).toBe(0);
    await mine.change('cartLinesRemove', cart.id, { lineIds: [first.id] });
    const { order: placed } = await checkOut(visitor(tenantId), cart.id);
    expect(placed.total).toEqual({ amount: '135.00', currencyCode: 'USD' });
    expect(await usesOf(order, tenantId, discount.id)).toBe(1);
  });

  it('a second time: of 10 clicks at once, each with a key of its own, one places the order', async () => {
    const tenantId = freshTenantId();
    const cart = await readyCart(visitor(tenantId));
    const payloads = await Promise.all(Array.from({ length: 10 }, () => checkOut(visitor(tenantId), cart.id)));
    expect(payloads.filter((payload) => payload.order)).toHaveLength(1);
    const refusals = payloads.flatMap(codesOf);
    expect(refusals).toEqual(Array.from({ length: 9 }, () => 'cartId CART_CHECKED_OUT'));
    expect(await ordersOf(tenantId)).toHaveLength(1);
    const [number] = await asOwner<{ last_number: number }>(
      order.ownerUrl,
      tenantId,
      'SELECT last_number FROM order_counters',
    );
    expect(number?.last_number).toBe(1001);
  });
});

describe('an order of a cart', () => {
  it('has what the cart has; the cart is not there any more, also after the order is canceled', async () => {
    const tenantId = freshTenantId();
    await pricingRulesOf(order, tenantId).discount({ code: 'TEN' });
    const cart = await readyCart(customer(tenantId), { discountCodes: ['TEN'] });
    const { order: placed } = await checkOut(customer(tenantId), cart.id, {
      expectedTotal: { amount: '405.00', currencyCode: 'USD' },
    });
    const query = `{ order(id: "${placed.id}") { email shippingAddress { city } items { quantity } discounts { code } total { amount } } }`;
    expect((await order.ask(admin(tenantId), query)).data.order).toEqual({
      email: 'ada@example.com',
      shippingAddress: { city: 'San Francisco' },
      items: [{ quantity: 2 }, { quantity: 1 }],
      discounts: [{ code: 'TEN' }],
      total: { amount: '405.00' },
    });
    const mine = cartsOf(order, customer(tenantId));
    expect([await mine.read(cart.id), await mine.mine()]).toEqual([null, null]);
    const cancel = `mutation { orderCancel(id: "${placed.id}", input: { reason: "x" }) { userErrors { code } } }`;
    expect((await order.ask(admin(tenantId), cancel)).data.orderCancel.userErrors).toEqual([]);
    expect(await mine.read(cart.id)).toBeNull();
  });

  it('goes where the input says, and to whom, where it says so', async () => {
    const tenantId = freshTenantId();
    const cart = await readyCart(visitor(tenantId));
    const changes = { email: 'bob@example.com', shippingAddress: { ...shippingAddress, city: 'Oakland' } };
    const { order: placed } = await checkOut(visitor(tenantId), cart.id, changes);
    const query = `{ order(id: "${placed.id}") { email shippingAddress { city } } }`;
    expect((await order.ask(admin(tenantId), query)).data.order).toEqual({
      email: 'bob@example.com',
      shippingAddress: { city: 'Oakland' },
    });
  });

  it('brings the buyer’s word and attributes to who packs it, unless the input says otherwise', async () => {
    const tenantId = freshTenantId();
    const said = { note: 'Ring twice', attributes: [{ key: 'gift', value: 'yes' }] };
    const query = (id: string) => `{ order(id: "${id}") { buyerNote attributes { key value } } }`;
    const first = await checkOut(visitor(tenantId), (await readyCart(visitor(tenantId), said)).id);
    expect((await order.ask(admin(tenantId), query(first.order.id))).data.order).toEqual({
      buyerNote: 'Ring twice',
      attributes: [{ key: 'gift', value: 'yes' }],
    });
    const changes = { buyerNote: 'Leave it at the door', attributes: [] };
    const second = await checkOut(visitor(tenantId), (await readyCart(visitor(tenantId), said)).id, changes);
    expect((await order.ask(admin(tenantId), query(second.order.id))).data.order).toEqual({
      buyerNote: 'Leave it at the door',
      attributes: [],
    });
  });

  it('is the same order for each repeat under its key', async () => {
    const tenantId = freshTenantId();
    const cart = await readyCart(customer(tenantId));
    const idempotencyKey = randomUUID();
    const send = () => checkOut(customer(tenantId), cart.id, { idempotencyKey });
    const payloads = await Promise.all(Array.from({ length: 5 }, send));
    expect(new Set([...payloads, await send()].map((payload) => payload.order?.id)).size).toBe(1);
    expect(await ordersOf(tenantId)).toHaveLength(1);
  });

  it('is of the cart as it was read: a change at the same moment is in the order, or refused with it', async () => {
    const tenantId = freshTenantId();
    const cart = await readyCart(visitor(tenantId));
    const add = { lines: [{ variantId: 'pvar_3', quantity: 1 }] };
    const [added, placed] = await Promise.all([
      cartsOf(order, visitor(tenantId)).change('cartLinesAdd', cart.id, add),
      checkOut(visitor(tenantId), cart.id),
    ]);
    const outcome = [added.cart ? 'added' : codesOf(added)[0], placed.order?.items.length ?? codesOf(placed)[0]];
    expect([
      ['added', 3],
      ['added', 'cartId STALE_VERSION'],
      [' NOT_FOUND', 2],
    ]).toContainEqual(outcome);
  });
});
