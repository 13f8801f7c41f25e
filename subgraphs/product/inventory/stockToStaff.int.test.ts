import { admin, customer, freshTenantId, refusalOf, visitor } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';
import { storeWith } from './test/storeWith';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;

beforeAll(async () => {
  product = await startTestSubgraph();
});
afterAll(() => product?.close());

const store = (stock = 10) => storeWith(product, stock);

describe('the ledger', () => {
  it('is visible to staff only', async () => {
    const { tenantId, variantId, read } = await store();
    const query = 'query ($id: ID!) { productVariant(id: $id) { lowStockThreshold stockMovements { totalCount } } }';
    for (const caller of [visitor(tenantId), customer(tenantId)]) {
      const { data, errors } = await product.ask(caller, query, { id: variantId });
      expect(data.productVariant).toEqual({ lowStockThreshold: null, stockMovements: null });
      expect(errors?.map(({ extensions }) => extensions?.code)).toEqual([refusalOf(caller), refusalOf(caller)]);
    }
    expect(await read('stockMovements { totalCount }')).toEqual({ stockMovements: { totalCount: 1 } });
  });

  it('has an entry for each change, newest first, in pages in both directions', async () => {
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

describe('lowStockVariants', () => {
  const LOW = '{ lowStockVariants { totalCount nodes { id quantityAvailable } } }';

  it('is refused to shoppers', async () => {
    for (const caller of [visitor, customer]) {
      const { errors } = await product.ask(caller(freshTenantId()), LOW);
      expect(errors?.[0]?.extensions?.code).toBe(refusalOf(caller));
    }
  });

  it('lists the store’s own variants at or below their threshold, and no others', async () => {
    const { tenantId, variantId, policy, reserve } = await store(5);
    const other = await store(1);
    await other.policy({ lowStockThreshold: 5 });
    await makeProduct(product, admin(tenantId));
    const low = async () => (await product.ask(admin(tenantId), LOW)).data.lowStockVariants;
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
  it('are recorded in the transaction of the change, once for each crossing, for every kind of change', async () => {
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

  it('are not recorded for a refused change', async () => {
    const { reserve, adjust, events } = await store(2);
    await reserve('ord_1', 3);
    await adjust(-3);
    expect(await events()).toEqual([]);
  });
});
