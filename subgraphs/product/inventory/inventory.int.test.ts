import { admin, customer, freshTenantId, refusalOf, service, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';
import { ADJUST, freshKey, POLICY, SET, storeWith } from './test/storeWith';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;

beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

const store = (stock = 10) => storeWith(product, stock);

describe('inventoryAdjust and inventorySet', () => {
  it.each([
    ['a visitor', visitor],
    ['a customer', customer],
    ['a service', service],
    ['staff who may only read', (id: string) => ({ ...admin(id), permissions: ['inventory:read'] as const })],
  ] as const)('are refused to %s', async (_who, caller) => {
    const { tenantId, variantId } = await store();
    const input = { variantId, reason: 'Counted', idempotencyKey: 'k' };
    for (const [query, change] of [
      [ADJUST, { ...input, delta: 1 }],
      [SET, { ...input, quantityOnHand: 1 }],
      [POLICY, { variantId, inventoryPolicy: 'CONTINUE' }],
    ] as const) {
      const { errors } = await product.ask(caller(tenantId), query, { input: change });
      expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    }
  });

  it('answer NOT_FOUND for another store’s variant, as for an unknown one, and change nothing of theirs', async () => {
    const { tenantId } = await store();
    const theirs = await store();
    const before = await checksumOfTenant(product.ownerUrl, theirs.tenantId);
    const input = { reason: 'Counted', idempotencyKey: 'k' };
    for (const [query, change] of [
      [ADJUST, { ...input, delta: 1 }],
      [SET, { ...input, quantityOnHand: 1 }],
      [POLICY, { inventoryPolicy: 'CONTINUE' }],
    ] as const) {
      const ask = (variantId: string) => product.ask(admin(tenantId), query, { input: { ...change, variantId } });
      const foreign = await ask(theirs.variantId);
      expect(foreign).toEqual(await ask('pvar_none'));
      expect(foreign.data.change.userErrors).toMatchObject([{ field: ['input', 'variantId'], code: 'NOT_FOUND' }]);
    }
    expect(await checksumOfTenant(product.ownerUrl, theirs.tenantId)).toEqual(before);
  });

  it('return all errors of the input', async () => {
    const { adjust, set, tenantId, variantId } = await store();
    expect((await adjust(0, 'k', ' ')).userErrors).toEqual([
      { field: ['input', 'delta'], code: 'INVALID' },
      { field: ['input', 'reason'], code: 'INVALID' },
    ]);
    expect((await adjust(1, '')).userErrors).toEqual([{ field: ['input', 'idempotencyKey'], code: 'INVALID' }]);
    for (const quantityOnHand of [-1, 1_000_000_001]) {
      expect((await set(quantityOnHand)).userErrors).toEqual([{ field: ['input', 'quantityOnHand'], code: 'INVALID' }]);
    }
    expect((await adjust(1_000_000_000)).userErrors).toEqual([{ field: ['input', 'variantId'], code: 'INVALID' }]);
    const input = { variantId, delta: 2 ** 31, reason: 'x', idempotencyKey: 'k' };
    const { errors } = await product.ask(admin(tenantId), ADJUST, { input });
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });

  it('can’t remove stock that orders have reserved', async () => {
    const { adjust, set, reserve, read } = await store(10);
    await reserve('ord_1', 4);
    expect((await adjust(-7)).userErrors).toEqual([{ field: ['input', 'variantId'], code: 'INSUFFICIENT_STOCK' }]);
    expect((await set(3)).userErrors).toEqual([{ field: ['input', 'variantId'], code: 'INSUFFICIENT_STOCK' }]);
    expect((await adjust(-6)).productVariant).toEqual({ quantityAvailable: 0, quantityOnHand: 4 });
    expect((await set(9)).productVariant).toEqual({ quantityAvailable: 5, quantityOnHand: 9 });
    expect(await read('quantityAvailable')).toEqual({ quantityAvailable: 5 });
  });

  it('J24 name the actor and the impersonator, also for a new product’s stock', async () => {
    const watched = { ...admin(freshTenantId()), userId: 'user_watched', impersonatorId: 'user_support' };
    const { variantId } = await makeProduct(product, watched, {
      variants: [{ sku: 'A', price: { amount: '150', currencyCode: 'USD' }, quantityOnHand: 5 }],
    });
    const input = { variantId, delta: -1, reason: 'Damaged', idempotencyKey: freshKey() };
    await product.ask(watched, ADJUST, { input });
    const { data } = await product.ask(
      { ...watched, impersonatorId: null },
      'query ($id: ID!) { productVariant(id: $id) { stockMovements { nodes { actorId impersonatorId } } } }',
      { id: variantId },
    );
    const both = { actorId: 'user_watched', impersonatorId: 'user_support' };
    expect(data.productVariant.stockMovements.nodes).toEqual([both, both]);
  });

  it('return the first result for a repeat, also for twenty concurrent ones, and after later changes', async () => {
    const { adjust, set, read } = await store(10);
    const answers = await Promise.all(Array.from({ length: 20 }, () => adjust(-3, 'once')));
    expect(new Set(answers.map(({ stockMovement }) => stockMovement.id)).size).toBe(1);
    expect(answers[0].stockMovement).toMatchObject({
      kind: 'ADJUSTMENT',
      onHandChange: -3,
      availableChange: -3,
      reason: 'Damaged',
      actorId: 'user_admin',
      orderId: null,
    });
    await set(0);
    expect(await adjust(-3, 'once')).toMatchObject({
      stockMovement: answers[0].stockMovement,
      productVariant: { quantityOnHand: 0 },
      userErrors: [],
    });
    expect(await read('quantityOnHand')).toEqual({ quantityOnHand: 0 });
  });

  it('refuse a key that was used for another request of either mutation', async () => {
    const { adjust, set, read } = await store(10);
    await adjust(1, 'k');
    const conflict = [{ field: ['input', 'idempotencyKey'], code: 'IDEMPOTENCY_CONFLICT' }];
    expect((await adjust(2, 'k')).userErrors).toEqual(conflict);
    expect((await adjust(1, 'k', 'Found')).userErrors).toEqual(conflict);
    expect((await set(11, undefined, 'k')).userErrors).toEqual(conflict);
    expect(await read('quantityOnHand')).toEqual({ quantityOnHand: 11 });
  });

  it('inventorySet is STALE_QUANTITY when the quantity is not the expected one: of ten concurrent ones one succeeds', async () => {
    const { set, read } = await store(10);
    expect((await set(7, 9)).userErrors).toEqual([
      { field: ['input', 'expectedQuantityOnHand'], code: 'STALE_QUANTITY' },
    ]);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => set(20 + n, 10)));
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
    const { quantityOnHand } = await read('quantityOnHand');
    expect(quantityOnHand).toBeGreaterThanOrEqual(20);
    expect((await set(quantityOnHand)).stockMovement).toMatchObject({ onHandChange: 0 });
  });
});

describe('a variant that is sold on backorder', () => {
  it('can be bought without stock', async () => {
    const { policy, reserve, read } = await store(2);
    expect((await policy({ inventoryPolicy: 'CONTINUE' })).productVariant).toMatchObject({
      inventoryPolicy: 'CONTINUE',
    });
    expect((await reserve('ord_1', 5)).userErrors).toEqual([]);
    expect(await read('quantityAvailable quantityOnHand availableForSale')).toEqual({
      quantityAvailable: -3,
      quantityOnHand: 2,
      availableForSale: true,
    });
  });

  it('can’t become DENY before its backorders are covered', async () => {
    const { policy, reserve, adjust, tenantId } = await store(2);
    await policy({ inventoryPolicy: 'CONTINUE' });
    await reserve('ord_1', 5);
    expect((await policy({ inventoryPolicy: 'DENY' })).userErrors).toMatchObject([
      { field: ['input', 'inventoryPolicy'], code: 'BACKORDERED', message: expect.stringContaining('3') },
    ]);
    const sql = "UPDATE product_variants SET inventory_policy = 'DENY'";
    await expect(asOwner(product.ownerUrl, tenantId, sql)).rejects.toMatchObject({ code: '23514' });
    await adjust(3);
    expect((await policy({ inventoryPolicy: 'DENY' })).userErrors).toEqual([]);
    expect((await reserve('ord_2', 1)).userErrors).toEqual([{ code: 'INSUFFICIENT_STOCK' }]);
  });
});
