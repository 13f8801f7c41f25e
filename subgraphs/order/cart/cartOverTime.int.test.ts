import type { Caller } from '../../shared/caller';
import { customer, freshTenantId, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { openOrderDatabase } from '../database';
import { cartsOf } from '../test/carts';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';
import { deleteExpiredCarts } from './cartExpiry';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const carts = (caller: Caller) => cartsOf(order, caller);
const line = (variantId: string, quantity = 1) => ({ variantId, quantity });
const codesOf = (payload: { userErrors: { field: string[]; code: string }[] }) =>
  payload.userErrors.map(({ field, code }) => `${field.join('.')} ${code}`);
const quantitiesOf = (cart: { lines: { variantId: string; quantity: number }[] }) =>
  cart.lines.map(({ variantId, quantity }) => `${variantId} ${quantity}`);

describe('at sign-in', () => {
  it('a visitor’s cart becomes the customer’s, and is hidden from everyone else', async () => {
    const store = freshTenantId();
    const { cart } = await carts(visitor(store)).create({ lines: [line('pvar_1')] });
    const merged = await carts(customer(store)).merge(cart.id);
    expect(merged.cart).toMatchObject({ id: cart.id, version: 2 });
    expect(await carts(visitor(store)).read(cart.id)).toBeNull();
    expect((await carts(customer(store)).mine()).id).toBe(cart.id);
    expect((await carts(customer(store)).merge(cart.id)).cart.id).toBe(cart.id);
  });

  it('is merged into the customer’s own cart, once, however often the mutation is sent', async () => {
    const store = freshTenantId();
    const own = await carts(customer(store)).create({ lines: [line('pvar_1', 2)], buyerNote: 'mine' });
    const { cart } = await carts(visitor(store)).create({
      lines: [line('pvar_1'), line('pvar_2')],
      buyerNote: 'theirs',
      email: 'ada@example.com',
      discountCodes: ['A'],
    });
    const merges = await Promise.all(Array.from({ length: 5 }, () => carts(customer(store)).merge(cart.id)));
    expect(merges.filter((payload) => payload.cart)).toHaveLength(1);
    expect(merges.flatMap(codesOf)).toEqual(Array.from({ length: 4 }, () => 'id NOT_FOUND'));
    const mine = await carts(customer(store)).mine();
    expect([mine.id, quantitiesOf(mine).sort()]).toEqual([own.cart.id, ['pvar_1 3', 'pvar_2 1']]);
    expect(mine).toMatchObject({ buyerNote: 'mine', email: 'ada@example.com', discountCodes: [{ code: 'A' }] });
    expect(await asOwner(order.ownerUrl, store, 'SELECT id FROM carts')).toHaveLength(1);
  });

  it('concurrent merges of several carts leave a customer without a cart one with all lines', async () => {
    const store = freshTenantId();
    const variants = Array.from({ length: 8 }, (_, n) => `pvar_${n + 1}`);
    const made = await Promise.all(
      variants.map((variantId) => carts(visitor(store)).create({ lines: [line(variantId)] })),
    );
    const merges = await Promise.all(made.map(({ cart }) => carts(customer(store)).merge(cart.id)));
    expect(merges.flatMap(codesOf)).toEqual([]);
    expect(quantitiesOf(await carts(customer(store)).mine()).sort()).toEqual(
      variants.map((variantId) => `${variantId} 1`),
    );
    expect(await asOwner(order.ownerUrl, store, 'SELECT id FROM carts')).toHaveLength(1);
  });
});

describe('an expired cart', () => {
  it('is not found any more, by the database’s clock, and is deleted with its lines in every store; others are kept', async () => {
    const stores = [freshTenantId(), freshTenantId()];
    const { db, close } = await openOrderDatabase(order.appUrl, 2);
    try {
      for (const store of stores) {
        const mine = carts(visitor(store));
        const { cart } = await mine.create({ lines: [line('pvar_1')] });
        const { cart: other } = await mine.create({ lines: [line('pvar_1')] });
        await asOwner(order.ownerUrl, store, `UPDATE carts SET expires_at = now() WHERE id = '${cart.id}'`);
        expect(await mine.read(cart.id)).toBeNull();
        expect(codesOf(await mine.change('cartBuyerNoteUpdate', cart.id, { buyerNote: 'x' }))).toEqual([
          'id NOT_FOUND',
        ]);
        expect(new Date(other.expiresAt).getTime()).toBeGreaterThan(Date.now() + 29 * 86_400_000);
      }
      expect(await deleteExpiredCarts(db)).toBeGreaterThanOrEqual(2);
      for (const store of stores) {
        expect(await asOwner(order.ownerUrl, store, 'SELECT id FROM carts')).toHaveLength(1);
        expect(await asOwner(order.ownerUrl, store, 'SELECT id FROM cart_lines')).toHaveLength(1);
      }
    } finally {
      await close();
    }
  });
});
