import { randomUUID } from 'node:crypto';
import { admin, customer, freshTenantId, refusalOf, service, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;

beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product.close());

const PAYLOAD =
  'variant { quantityAvailable quantityOnHand } movement { id kind onHandChange availableChange reason actorId orderId }';
const ADJUST = `mutation ($input: InventoryAdjustInput!) {
  change: inventoryAdjust(input: $input) { ${PAYLOAD} userErrors { field code } } }`;
const SET = `mutation ($input: InventorySetInput!) {
  change: inventorySet(input: $input) { ${PAYLOAD} userErrors { field code } } }`;
const POLICY = `mutation ($input: InventoryPolicyUpdateInput!) { change: inventoryPolicyUpdate(input: $input) {
  variant { inventoryPolicy lowStockThreshold availableForSale version } userErrors { field code message } } }`;
const RESERVE = `mutation ($orderId: ID!, $lines: [StockReserveLine!]!) {
  stockReserve(orderId: $orderId, lines: $lines) { lines { quantity } userErrors { code } } }`;

const freshKey = () => `key_${randomUUID()}`;

async function store(stock = 10) {
  const tenantId = freshTenantId();
  const { variantId } = await makeProduct(product, admin(tenantId), {
    variants: [{ sku: 'A', price: { amount: '150', currencyCode: 'USD' }, stock }],
  });
  const change = async (query: string, input: Record<string, unknown>) => {
    const { data, errors } = await product.ask(admin(tenantId), query, { input: { variantId, ...input } });
    if (errors) throw new Error(JSON.stringify(errors));
    return data.change;
  };
  return {
    tenantId,
    variantId,
    adjust: (delta: number, idempotencyKey = freshKey(), reason = 'Damaged') =>
      change(ADJUST, { delta, idempotencyKey, reason }),
    set: (quantity: number, compareQuantity?: number, idempotencyKey = freshKey()) =>
      change(SET, { quantity, compareQuantity, idempotencyKey, reason: 'Counted' }),
    policy: (input: Record<string, unknown>) => change(POLICY, input),
    reserve: async (orderId: string, quantity: number) =>
      (await product.ask(service(tenantId), RESERVE, { orderId, lines: [{ variantId, quantity }] })).data.stockReserve,
    release: (orderId: string) =>
      product.ask(service(tenantId), 'mutation ($id: ID!) { stockRelease(orderId: $id) { changed } }', { id: orderId }),
    read: async (fields: string, as = admin) =>
      (await product.ask(as(tenantId), `query ($id: ID!) { productVariant(id: $id) { ${fields} } }`, { id: variantId }))
        .data?.productVariant,
    events: async () =>
      (
        await asOwner<{ type: string; data: object; version: string }>(
          product.ownerUrl,
          tenantId,
          `SELECT type, data, aggregate_version AS version FROM outbox_events WHERE type LIKE 'inventory.%' ORDER BY position`,
        )
      ).map(({ type }) => type),
  };
}

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
      [SET, { ...input, quantity: 1 }],
      [POLICY, { variantId, inventoryPolicy: 'CONTINUE' }],
    ] as const) {
      const { errors } = await product.ask(caller(tenantId), query, { input: change });
      expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    }
  });

  it('answer a variant of another store as one that is nowhere, and change nothing of theirs', async () => {
    const { tenantId } = await store();
    const theirs = await store();
    const before = await checksumOfTenant(product.ownerUrl, theirs.tenantId);
    const input = { reason: 'Counted', idempotencyKey: 'k' };
    for (const [query, change] of [
      [ADJUST, { ...input, delta: 1 }],
      [SET, { ...input, quantity: 1 }],
      [POLICY, { inventoryPolicy: 'CONTINUE' }],
    ] as const) {
      const ask = (variantId: string) => product.ask(admin(tenantId), query, { input: { ...change, variantId } });
      const foreign = await ask(theirs.variantId);
      expect(foreign).toEqual(await ask('pvar_none'));
      expect(foreign.data.change.userErrors).toMatchObject([{ field: ['input', 'variantId'], code: 'NOT_FOUND' }]);
    }
    expect(await checksumOfTenant(product.ownerUrl, theirs.tenantId)).toEqual(before);
  });

  it('name everything that is wrong with the input', async () => {
    const { adjust, set, tenantId, variantId } = await store();
    expect((await adjust(0, 'k', ' ')).userErrors).toEqual([
      { field: ['input', 'delta'], code: 'INVALID' },
      { field: ['input', 'reason'], code: 'INVALID' },
    ]);
    expect((await adjust(1, '')).userErrors).toEqual([{ field: ['input', 'idempotencyKey'], code: 'INVALID' }]);
    for (const quantity of [-1, 1_000_000_001]) {
      expect((await set(quantity)).userErrors).toEqual([{ field: ['input', 'quantity'], code: 'INVALID' }]);
    }
    expect((await adjust(1_000_000_000)).userErrors).toEqual([{ field: ['input', 'variantId'], code: 'INVALID' }]);
    const input = { variantId, delta: 2 ** 31, reason: 'x', idempotencyKey: 'k' };
    const { errors } = await product.ask(admin(tenantId), ADJUST, { input });
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  });

  it('take away nothing that orders hold', async () => {
    const { adjust, set, reserve, read } = await store(10);
    await reserve('ord_1', 4);
    expect((await adjust(-7)).userErrors).toEqual([{ field: ['input', 'variantId'], code: 'INSUFFICIENT_STOCK' }]);
    expect((await set(3)).userErrors).toEqual([{ field: ['input', 'variantId'], code: 'INSUFFICIENT_STOCK' }]);
    expect((await adjust(-6)).variant).toEqual({ quantityAvailable: 0, quantityOnHand: 4 });
    expect((await set(9)).variant).toEqual({ quantityAvailable: 5, quantityOnHand: 9 });
    expect(await read('quantityAvailable')).toEqual({ quantityAvailable: 5 });
  });

  it('J24 name whom they were made for and who made them in that one’s place, also those of a new product', async () => {
    const watched = { ...admin(freshTenantId()), userId: 'user_watched', impersonatorId: 'user_support' };
    const { variantId } = await makeProduct(product, watched, {
      variants: [{ sku: 'A', price: { amount: '150', currencyCode: 'USD' }, stock: 5 }],
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

  it('answer a repeat, also twenty at once, as at first, also when more has happened since', async () => {
    const { adjust, set, read } = await store(10);
    const answers = await Promise.all(Array.from({ length: 20 }, () => adjust(-3, 'once')));
    expect(new Set(answers.map(({ movement }) => movement.id)).size).toBe(1);
    expect(answers[0].movement).toMatchObject({
      kind: 'ADJUSTMENT',
      onHandChange: -3,
      availableChange: -3,
      reason: 'Damaged',
      actorId: 'user_admin',
      orderId: null,
    });
    await set(0);
    expect(await adjust(-3, 'once')).toMatchObject({
      movement: answers[0].movement,
      variant: { quantityOnHand: 0 },
      userErrors: [],
    });
    expect(await read('quantityOnHand')).toEqual({ quantityOnHand: 0 });
  });

  it('refuse a key that was used for another request, of either kind', async () => {
    const { adjust, set, read } = await store(10);
    await adjust(1, 'k');
    const conflict = [{ field: ['input', 'idempotencyKey'], code: 'IDEMPOTENCY_CONFLICT' }];
    expect((await adjust(2, 'k')).userErrors).toEqual(conflict);
    expect((await adjust(1, 'k', 'Found')).userErrors).toEqual(conflict);
    expect((await set(11, undefined, 'k')).userErrors).toEqual(conflict);
    expect(await read('quantityOnHand')).toEqual({ quantityOnHand: 11 });
  });

  it('inventorySet is STALE_QUANTITY when others are there than the client believes: of ten who count at once, one is right', async () => {
    const { set, read } = await store(10);
    expect((await set(7, 9)).userErrors).toEqual([{ field: ['input', 'compareQuantity'], code: 'STALE_QUANTITY' }]);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => set(20 + n, 10)));
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
    const { quantityOnHand } = await read('quantityOnHand');
    expect(quantityOnHand).toBeGreaterThanOrEqual(20);
    expect((await set(quantityOnHand)).movement).toMatchObject({ onHandChange: 0 });
  });
});

describe('a variant that is sold on backorder', () => {
  it('is sold beyond what is there, and can be bought', async () => {
    const { policy, reserve, read } = await store(2);
    expect((await policy({ inventoryPolicy: 'CONTINUE' })).variant).toMatchObject({ inventoryPolicy: 'CONTINUE' });
    expect((await reserve('ord_1', 5)).userErrors).toEqual([]);
    expect(await read('quantityAvailable quantityOnHand availableForSale')).toEqual({
      quantityAvailable: -3,
      quantityOnHand: 2,
      availableForSale: true,
    });
  });

  it('is not sold from the shelf alone before what is owed is there', async () => {
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

describe('the ledger', () => {
  it('is shown to staff alone', async () => {
    const { tenantId, variantId, read } = await store();
    const query = 'query ($id: ID!) { productVariant(id: $id) { lowStockThreshold stockMovements { totalCount } } }';
    for (const caller of [visitor(tenantId), customer(tenantId)]) {
      const { data, errors } = await product.ask(caller, query, { id: variantId });
      expect(data.productVariant).toEqual({ lowStockThreshold: null, stockMovements: null });
      expect(errors?.map(({ extensions }) => extensions?.code)).toEqual([refusalOf(caller), refusalOf(caller)]);
    }
    expect(await read('stockMovements { totalCount }')).toEqual({ stockMovements: { totalCount: 1 } });
  });

  it('has an entry for each change, the newest first, page by page both ways', async () => {
    const { reserve, release, adjust, read } = await store(10);
    await reserve('ord_1', 4);
    await release('ord_1');
    await adjust(-1);
    const page = (args: string) =>
      read(
        `stockMovements(${args}) { nodes { kind onHandChange availableChange orderId } pageInfo { endCursor startCursor hasNextPage } }`,
      );
    const first = (await page('first: 2')).stockMovements;
    expect(first.nodes).toEqual([
      { kind: 'ADJUSTMENT', onHandChange: -1, availableChange: -1, orderId: null },
      { kind: 'RELEASE', onHandChange: 0, availableChange: 4, orderId: 'ord_1' },
    ]);
    const next = (await page(`first: 2, after: "${first.pageInfo.endCursor}"`)).stockMovements;
    expect(next.nodes).toEqual([
      { kind: 'RESERVATION', onHandChange: 0, availableChange: -4, orderId: 'ord_1' },
      { kind: 'ADJUSTMENT', onHandChange: 10, availableChange: 10, orderId: null },
    ]);
    expect(next.pageInfo.hasNextPage).toBe(false);
    const back = (await page(`last: 2, before: "${next.pageInfo.startCursor}"`)).stockMovements;
    expect(back.nodes).toEqual(first.nodes);
  });
});

describe('lowStock', () => {
  const LOW = '{ lowStock { totalCount nodes { id quantityAvailable } } }';

  it('is refused to shoppers', async () => {
    for (const caller of [visitor, customer]) {
      const { errors } = await product.ask(caller(freshTenantId()), LOW);
      expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    }
  });

  it('holds the store’s own variants at or below their threshold, and no others', async () => {
    const { tenantId, variantId, policy, reserve } = await store(5);
    const other = await store(1);
    await other.policy({ lowStockThreshold: 5 });
    await makeProduct(product, admin(tenantId));
    const low = async () => (await product.ask(admin(tenantId), LOW)).data.lowStock;
    await policy({ lowStockThreshold: 3 });
    expect(await low()).toEqual({ totalCount: 0, nodes: [] });
    await reserve('ord_1', 2);
    expect(await low()).toEqual({ totalCount: 1, nodes: [{ id: variantId, quantityAvailable: 3 }] });
    expect((await policy({ lowStockThreshold: -1 })).userErrors).toMatchObject([{ code: 'INVALID' }]);
    await policy({ lowStockThreshold: null });
    expect((await low()).totalCount).toBe(0);
  });
});

describe('the events of stock', () => {
  it('are told in the transaction of the change, each crossing once, whichever way it happened', async () => {
    const { policy, reserve, release, adjust, events, tenantId } = await store(5);
    await policy({ lowStockThreshold: 3 });
    await reserve('ord_1', 1);
    expect(await events()).toEqual([]);
    await reserve('ord_2', 1);
    await reserve('ord_3', 1);
    expect(await events()).toEqual(['inventory.low']);
    await adjust(-2);
    await Promise.all([release('ord_1'), release('ord_2'), release('ord_3')]);
    expect(await events()).toEqual(['inventory.low', 'inventory.out', 'inventory.back_in_stock']);
    await Promise.all(Array.from({ length: 5 }, (_, n) => reserve(`ord_x${n}`, 1)));
    expect((await events()).slice(3)).toEqual(['inventory.out']);
    const versions = await asOwner<{ version: number }>(
      product.ownerUrl,
      tenantId,
      "SELECT aggregate_version::int AS version FROM outbox_events WHERE aggregate_type = 'inventory' ORDER BY position",
    );
    const inOrder = versions.map(({ version }) => version);
    expect(inOrder).toEqual([...new Set(inOrder)].sort((a, b) => a - b));
  });

  it('are not told of what was refused', async () => {
    const { reserve, adjust, events } = await store(2);
    await reserve('ord_1', 3);
    await adjust(-3);
    expect(await events()).toEqual([]);
  });
});
