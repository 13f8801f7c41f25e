import { randomUUID } from 'node:crypto';
import type { Caller } from '../../shared/caller';
import { admin, customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { cartsOf } from '../test/carts';
import { orderCreate, shippingAddress } from '../test/factories';
import { pricingRulesOf, usesOf } from '../test/pricingRules';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { openCheckout, TEST_METHOD } from '../test/testMethod';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const codesOf = (payload: { userErrors: { field: string[]; code: string }[] }) =>
  payload.userErrors.map(({ field, code }) => `${field.slice(1).join('.')} ${code}`);

async function readyCart(caller: Caller, changes: object = {}): Promise<{ id: string; version: number }> {
  await openCheckout(order.ownerUrl, caller.tenantId ?? '');
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

/** Sends orderCreate for a cart, as `caller`. */
function checkOut(caller: Caller, cartId: string, changes: Record<string, unknown> = {}) {
  const input = { cartId, paymentMethodId: TEST_METHOD, idempotencyKey: randomUUID(), ...changes };
  return orderCreate(order, caller, input as unknown as Parameters<typeof orderCreate>[2]);
}

const ordersOf = (tenantId: string) => asOwner(order.ownerUrl, tenantId, 'SELECT id FROM orders');

describe('an order of a cart is refused', () => {
  it.each<[string, (store: string, other: string) => [Caller, Caller]]>([
    ['another store’s', (store, other) => [visitor(other), visitor(store)]],
    ['another customer’s', (store) => [customer(store, 'user_ada'), customer(store, 'user_bob')]],
    ['a customer’s, for a visitor', (store) => [customer(store), visitor(store)]],
  ])('like an order of a cart that does not exist: %s', async (_whose, callers) => {
    const [store, other] = [freshTenantId(), freshTenantId('other')];
    const [owner, stranger] = callers(store, other);
    await openCheckout(order.ownerUrl, stranger.tenantId ?? '');
    const { id } = await readyCart(owner);
    const before = [await checksumOfTenant(order.ownerUrl, store), await checksumOfTenant(order.ownerUrl, other)];
    const foreign = await checkOut(stranger, id, { email: 'eve@example.com', shippingAddress });
    expect(foreign).toEqual(await checkOut(stranger, 'cart_none', { email: 'eve@example.com', shippingAddress }));
    expect(codesOf(foreign)).toEqual(['cartId NOT_FOUND']);
    expect([await checksumOfTenant(order.ownerUrl, store), await checksumOfTenant(order.ownerUrl, other)]).toEqual(
      before,
    );
  });

  it('when the cart is empty, lacks required fields, or the input also has lines', async () => {
    const tenantId = freshTenantId();
    const empty = await readyCart(visitor(tenantId), { lines: [] });
    expect(codesOf(await checkOut(visitor(tenantId), empty.id))).toEqual(['cartId REQUIRED']);
    const bare = await readyCart(visitor(tenantId), { email: null, shippingAddress: null });
    expect(codesOf(await checkOut(visitor(tenantId), bare.id))).toEqual(['email REQUIRED', 'shippingAddress REQUIRED']);
    const lines = [{ variantId: 'pvar_1', quantity: 1 }];
    expect(codesOf(await checkOut(visitor(tenantId), bare.id, { lines }))).toEqual(['lines INVALID']);
  });

  it('when a price differs from the one shown, and placed after cartPricesConfirm', async () => {
    const tenantId = freshTenantId();
    const cart = await readyCart(visitor(tenantId));
    order.product.price(tenantId, 'pvar_2', '99.00');
    expect(codesOf(await checkOut(visitor(tenantId), cart.id))).toEqual([
      'lines.1 PRICE_CHANGED',
      'cartId PRICE_CHANGED',
    ]);
    const mine = cartsOf(order, visitor(tenantId));
    expect((await mine.read(cart.id)).lines).toHaveLength(2);
    await mine.change('cartPricesConfirm', cart.id);
    const { order: placed } = await checkOut(visitor(tenantId), cart.id);
    expect(placed.total).toEqual({ amount: '399.00', currencyCode: 'USD' });
  });

  it('when the catalog did not answer while lines were added, so that no price was shown', async () => {
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
  ])('for %s; the cart is open again, and the use of its code returned', async (variantId, expected) => {
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

  it('a second time: of 10 concurrent requests, each with its own key, one places the order', async () => {
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
  it('has the contents of the cart, which is not found any more, also after the order is canceled', async () => {
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

  it('prefers shipping address and e-mail address of the input', async () => {
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

  it('has the cart’s note and attributes, unless the input has its own', async () => {
    const tenantId = freshTenantId();
    const said = { buyerNote: 'Ring twice', attributes: [{ key: 'gift', value: 'yes' }] };
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

  it('is answered for each repeat under its key', async () => {
    const tenantId = freshTenantId();
    const cart = await readyCart(customer(tenantId));
    const idempotencyKey = randomUUID();
    const send = () => checkOut(customer(tenantId), cart.id, { idempotencyKey });
    const payloads = await Promise.all(Array.from({ length: 5 }, send));
    expect(new Set([...payloads, await send()].map((payload) => payload.order?.id)).size).toBe(1);
    expect(await ordersOf(tenantId)).toHaveLength(1);
  });

  it('races with a change of the cart: the change is in the order, or one of the two is refused', async () => {
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
