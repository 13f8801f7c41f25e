import { freshTenantId } from '../../subgraphs/shared/test/askSubgraph';
import { asOwner } from '../../subgraphs/shared/test/asOwner';
import { eventually } from '../../subgraphs/shared/test/eventHarness';
import { TestSupergraph } from './startSupergraph';

let graph: TestSupergraph;

beforeAll(async () => {
  graph = await TestSupergraph.start();
}, 120_000);
afterAll(() => graph.stop(), 60_000);

const DATA = {
  number: 1,
  total: { amount: '10.00', currencyCode: 'USD' },
  lines: [{ productId: 'prod_1', variantId: 'pvar_1', quantity: 2 }],
};

/** As the order subgraph records it in the transaction of a purchase. */
const buy = (tenantId: string, orderId: string) =>
  asOwner(
    graph.ownerUrl('order'),
    tenantId,
    `WITH recorded AS (
       INSERT INTO outbox_events (tenant_id, id, type, data_version, data, aggregate_type, aggregate_id, aggregate_version)
       VALUES ($1, 'evt_' || $2, 'order.confirmed', 1, $3, 'order', $2, 1) RETURNING 1)
     SELECT pg_notify('outbox_events', '') FROM recorded`,
    [tenantId, orderId, JSON.stringify(DATA)],
  );

const soldIn = (tenantId: string) =>
  asOwner<{ id: string; sold: number }>(
    graph.ownerUrl('product'),
    tenantId,
    'SELECT product_id AS id, sold_quantity::int AS sold FROM product_sales WHERE tenant_id = $1',
    [tenantId],
  );

it('what one service records another counts once, also when either was killed meanwhile', async () => {
  const tenantId = freshTenantId();
  await buy(tenantId, 'ord_1');
  await eventually(async () => expect(await soldIn(tenantId)).toEqual([{ id: 'prod_1', sold: 2 }]));

  await graph.kill('product');
  await buy(tenantId, 'ord_2');
  await graph.kill('order');
  await buy(tenantId, 'ord_3');
  await Promise.all([graph.startService('product'), graph.startService('order')]);
  await eventually(async () => expect(await soldIn(tenantId)).toEqual([{ id: 'prod_1', sold: 6 }]));

  const metrics = new URL('/metrics', graph.subgraphUrl('order'));
  await eventually(async () => {
    const text = await (await fetch(metrics)).text();
    expect(text).toContain('outbox_pending_events 0');
    expect(text).toContain('outbox_lag_seconds 0');
    expect(text).not.toContain(tenantId);
  });
  expect(await soldIn(tenantId)).toEqual([{ id: 'prod_1', sold: 6 }]);
}, 120_000);
