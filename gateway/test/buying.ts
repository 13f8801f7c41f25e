import { setTimeout as sleep } from 'node:timers/promises';
import { openCheckout, TEST_METHOD } from '../../subgraphs/order/test/testMethod';
import type { Answer, TestStore, TestSupergraph } from './startSupergraph';

const PRODUCT_CREATE = `mutation ($input: ProductCreateInput!) { productCreate(input: $input) {
  product { id variants { nodes { id } } } userErrors { field code } } }`;
const ORDER_CREATE = `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) {
  order { id number status total { amount currencyCode } items { productName quantity } } userErrors { field code message } } }`;

export const address = {
  name: 'Ada',
  line1: '1 Market Street',
  city: 'San Francisco',
  province: 'CA',
  countryCode: 'US',
};

/** Creates a product on sale, in a store that can be paid. @returns the id of its only variant. */
export async function makeVariant(
  graph: TestSupergraph,
  store: TestStore,
  stock: number,
  amount = '150.00',
  currencyCode = 'USD',
): Promise<string> {
  await openCheckout(graph.ownerUrl('order'), store.id);
  const sku = `SKU-${Math.random().toString(36).slice(2)}`;
  const input = {
    name: `Shoe ${sku}`,
    status: 'ACTIVE',
    variants: [{ sku, price: { amount, currencyCode }, quantityOnHand: stock }],
  };
  const { body } = await graph.ask(store.admin, PRODUCT_CREATE, { input });
  return body.data.productCreate.product.variants.nodes[0].id;
}

let keys = 0;
/** An order of the given quantity of each variant, under a new idempotency key. */
export function orderInput(lines: [string, number][], changes: Record<string, unknown> = {}) {
  keys += 1;
  return {
    lines: lines.map(([variantId, quantity]) => ({ variantId, quantity })),
    email: 'ada@example.com',
    shippingAddress: address,
    paymentMethodId: TEST_METHOD,
    idempotencyKey: `key-${keys}-${Date.now()}`,
    ...changes,
  };
}

/** Repeats the request under the same key, as a client does, while the order is PENDING or the answer is THROTTLED or unavailable. */
export async function orderCreate(
  graph: TestSupergraph,
  headers: Record<string, string>,
  input: object,
): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await graph.ask(headers, ORDER_CREATE, { input });
    const { data, errors } = answer.body;
    const { code, retryAfter = 0.25 } = errors?.[0]?.extensions ?? {};
    const isBusy = code === 'SERVICE_UNAVAILABLE' || code === 'THROTTLED';
    if (!(isBusy || data?.orderCreate.order?.status === 'PENDING') || tries === 20) return answer;
    await sleep(retryAfter * 1_000);
  }
}

/** A variant's available stock and its stock on hand. */
export const stockOf = async (graph: TestSupergraph, store: TestStore, id: string) => {
  const query = 'query ($id: ID!) { productVariant(id: $id) { quantityAvailable quantityOnHand } }';
  const { body } = await graph.ask(store.admin, query, { id });
  return [body.data.productVariant.quantityAvailable, body.data.productVariant.quantityOnHand];
};

/** Waits until `check` returns `expected`, for work of the saga after its answer. */
export async function eventually<Value>(check: () => Promise<Value>, expected: Value): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (JSON.stringify(await check()) === JSON.stringify(expected)) return;
    await sleep(100);
  }
  expect(await check()).toEqual(expected);
}
