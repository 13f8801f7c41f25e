import { randomUUID } from 'node:crypto';
import { openCheckout, TEST_METHOD } from '../../subgraphs/order/test/testMethod';
import { freshTenantId } from '../../subgraphs/shared/test/askSubgraph';
import { asOwner } from '../../subgraphs/shared/test/asOwner';
import { eventually } from '../../subgraphs/shared/test/eventHarness';
import { startWebhookReceiver, type WebhookReceiver } from '../../subgraphs/tenant/test/webhookReceiver';
import { OwnSupergraph } from './ownSupergraph';
import type { TestStore } from './startSupergraph';

let graph: OwnSupergraph;
let receiver: WebhookReceiver;

beforeAll(async () => {
  receiver = await startWebhookReceiver();
  graph = await OwnSupergraph.start({ WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32' });
}, 120_000);
afterAll(async () => {
  await graph?.stop();
  await receiver?.close();
}, 60_000);

/** One mutation's payload. @throws Error with its user errors. */
async function mutate(store: TestStore, mutation: string, variables: object = {}, headers = store.admin) {
  const { body } = await graph.ask(headers, mutation, { ...variables });
  const [payload] = Object.values<{ userErrors: unknown[] } & Record<string, never>>(body.data ?? {});
  if (body.errors || !payload || payload.userErrors.length > 0) throw new Error(JSON.stringify(body));
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
  return payload as any;
}

async function openShop(name: string) {
  const store = await graph.makeStore(name);
  await openCheckout(graph.ownerUrl('order'), store.id);
  const variant = { sku: 'A', price: { amount: '10', currencyCode: 'USD' }, quantityOnHand: 50 };
  const { product } = await mutate(
    store,
    `mutation ($input: ProductCreateInput!) { productCreate(input: $input) {
      product { id variants { nodes { id } } } userErrors { code } } }`,
    { input: { name: 'Shoe', status: 'ACTIVE', variants: [variant] } },
  );
  const variantId: string = product.variants.nodes[0].id;
  const buy = async (quantity: number) => {
    const input = {
      lines: [{ variantId, quantity }],
      email: 'ada@example.com',
      shippingAddress: {
        name: 'Ada Lovelace',
        line1: '1 Market Street',
        city: 'San Francisco',
        province: 'CA',
        countryCode: 'US',
      },
      paymentMethodId: TEST_METHOD,
      idempotencyKey: randomUUID(),
    };
    const { order } = await mutate(
      store,
      `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) { order { id number items { id } } userErrors { code } } }`,
      { input },
      store.visitor,
    );
    return order as { id: string; number: number; items: { id: string }[] };
  };
  return { store, productId: product.id as string, buy };
}

/** An event as the order subgraph records it. */
const record = (tenantId: string, orderId: string) =>
  asOwner(
    graph.ownerUrl('order'),
    tenantId,
    `WITH recorded AS (
       INSERT INTO outbox_events (tenant_id, id, type, data_version, data, aggregate_type, aggregate_id, aggregate_version)
       VALUES ($1, 'evt_' || $2, 'order.confirmed', 1, $3, 'order', $2, 1) RETURNING 1)
     SELECT pg_notify('outbox_events', '') FROM recorded`,
    [
      tenantId,
      orderId,
      JSON.stringify({
        number: 1,
        total: { amount: '10.00', currencyCode: 'USD' },
        lines: [{ productId: 'prod_1', variantId: 'pvar_1', quantity: 2 }],
      }),
    ],
  );

const soldIn = (tenantId: string) =>
  asOwner<{ id: string; sold: number }>(
    graph.ownerUrl('product'),
    tenantId,
    'SELECT product_id AS id, sold_quantity::int AS sold FROM product_sales WHERE tenant_id = $1',
    [tenantId],
  );

it('a store’s own server gets webhooks of its own purchases only, which svix’s Webhook verifies', async () => {
  const [shop, other] = [await openShop('hooked'), await openShop('other')];
  const { secret } = await mutate(
    shop.store,
    `mutation ($input: WebhookSubscriptionCreateInput!) { webhookSubscriptionCreate(input: $input) { secret userErrors { code } } }`,
    { input: { url: `${receiver.url}/orders`, topics: ['ORDER_CREATED', 'ORDER_CONFIRMED', 'PAYMENT_CAPTURED'] } },
  );
  await other.buy(1);
  const { id, number } = await shop.buy(2);
  await eventually(async () => expect(receiver.verified(secret, '/orders')).toHaveLength(3));
  const events = receiver.verified(secret, '/orders');
  expect(events.map(({ type }) => type).sort()).toEqual(['order.confirmed', 'order.created', 'payment.captured']);
  const confirmed = events.find(({ type }) => type === 'order.confirmed');
  expect(confirmed).toMatchObject({
    subject: id,
    tenantid: shop.store.id,
    data: {
      number,
      total: { amount: '20.00', currencyCode: 'USD' },
      lines: [{ productId: shop.productId, quantity: 2 }],
    },
  });
  // No personal data.
  expect(JSON.stringify(receiver.received)).not.toMatch(/ada|lovelace|market street/i);
  const { body } = await graph.ask(
    shop.store.admin,
    '{ eventDeliveries { nodes { eventId status attempts responseStatus } } }',
  );
  expect(body.data.eventDeliveries.nodes).toContainEqual({
    eventId: confirmed?.id,
    status: 'DELIVERED',
    attempts: 1,
    responseStatus: 200,
  });
}, 60_000);

it('purchases, cancellations and returns count in a product’s sales', async () => {
  const { store, productId, buy } = await openShop('sales');
  const sold = (quantity: number) =>
    eventually(async () => expect(await soldIn(store.id)).toEqual([{ id: productId, sold: quantity }]));
  const [kept, canceled] = [await buy(5), await buy(4)];
  await sold(9);
  const refund = `mutation ($id: ID!, $input: OrderRefundInput!) { orderRefund(id: $id, input: $input) { userErrors { code } } }`;
  const refundTwo = ({ id, items: [item] }: { id: string; items: { id: string }[] }) =>
    eventually(async () => {
      const input = {
        reason: 'Too small',
        lines: [{ itemId: item?.id, quantity: 2 }],
        idempotencyKey: `refund of ${id}`,
      };
      await mutate(store, refund, { id, input });
    });
  await refundTwo(kept);
  await refundTwo(canceled);
  await sold(5);
  const cancel = `mutation ($id: ID!) { orderCancel(id: $id, input: { reason: "Too late" }) { userErrors { code } } }`;
  await mutate(store, cancel, { id: canceled.id });
  await sold(3);
}, 60_000);

it('a gateway that has cached a store learns immediately that it was suspended, and that it was resumed', async () => {
  const { store } = await openShop('closing');
  const shopFront = async () => (await graph.ask(store.visitor, '{ products { totalCount } }')).body;
  expect((await shopFront()).data.products.totalCount).toBe(1);
  const begun = performance.now();
  await mutate(store, 'mutation { tenantSuspend(input: {}) { tenant { status } userErrors { code } } }');
  await eventually(async () => expect((await shopFront()).errors[0].extensions.code).toBe('STORE_UNAVAILABLE'));
  // Without the event, the cache would last five seconds.
  expect(performance.now() - begun).toBeLessThan(4_000);
  const resumed = performance.now();
  await mutate(store, 'mutation { tenantResume { tenant { status } userErrors { code } } }');
  await eventually(async () => expect((await shopFront()).data?.products.totalCount).toBe(1));
  expect(performance.now() - resumed).toBeLessThan(4_000);
}, 60_000);

it('an event that one service records has one effect in another, also when either is killed meanwhile', async () => {
  const tenantId = freshTenantId();
  await record(tenantId, 'ord_1');
  await eventually(async () => expect(await soldIn(tenantId)).toEqual([{ id: 'prod_1', sold: 2 }]));

  await graph.kill('product');
  await record(tenantId, 'ord_2');
  await graph.kill('order');
  await record(tenantId, 'ord_3');
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
