import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { StripeServer } from '../../subgraphs/order/test/stripe/stripeServer';
import { intentsOf } from '../../subgraphs/order/test/stripe/stripeStores';
import { OwnSupergraph } from './ownSupergraph';
import type { TestStore } from './startSupergraph';

let stripe: StripeServer;
let graph: OwnSupergraph;

beforeAll(async () => {
  stripe = await StripeServer.start();
  graph = await OwnSupergraph.start(stripe.env);
}, 120_000);
afterAll(async () => {
  await graph?.stop();
  await stripe?.close();
}, 60_000);

const PRODUCT_CREATE = `mutation ($input: ProductCreateInput!) { productCreate(input: $input) {
  product { variants { nodes { id } } } } }`;
const SETTINGS = `mutation ($account: String) { paymentSettingsUpdate(input: { stripeAccountId: $account }) {
  userErrors { code } } }`;
const ORDER_CREATE = `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) {
  order { id status payment { clientSecret providerAccount } } userErrors { code } } }`;
const ORDER = 'query ($id: ID!) { order(id: $id) { status financialStatus payment { status flag } } }';

async function makeVariant(store: TestStore): Promise<string> {
  const variants = [{ sku: 'SHOE', price: { amount: '150.00', currencyCode: 'USD' }, quantityOnHand: 5 }];
  const input = { name: 'Shoe', status: 'ACTIVE', variants };
  const { body } = await graph.ask(store.admin, PRODUCT_CREATE, { input });
  return body.data.productCreate.product.variants.nodes[0].id;
}

const METHOD_CREATE = `mutation { paymentMethodCreate(input: { kind: STRIPE, name: "Card" }) {
  paymentMethod { id } userErrors { code } } }`;

const buy = async (store: TestStore, variantId: string, paymentMethodId: string) => {
  const shippingAddress = {
    name: 'Ada',
    line1: '1 Market Street',
    city: 'San Francisco',
    province: 'CA',
    countryCode: 'US',
  };
  const lines = [{ variantId, quantity: 1 }];
  const input = { lines, email: 'ada@example.com', shippingAddress, paymentMethodId };
  const { body } = await graph.ask(store.customer(), ORDER_CREATE, {
    input: { ...input, idempotencyKey: randomUUID() },
  });
  return body.data.orderCreate;
};

it('a shopper pays by Stripe: the order waits for the payment, and Stripe’s webhook to the gateway confirms it', async () => {
  const [nike, puma] = await Promise.all([graph.makeStore('nike'), graph.makeStore('puma')]);
  const account = stripe.connect(nike.id);
  const variantId = await makeVariant(nike);
  const early = await graph.ask(nike.admin, METHOD_CREATE);
  expect(early.body.data.paymentMethodCreate.userErrors).toEqual([{ code: 'PAYMENT_METHOD_UNAVAILABLE' }]);

  const foreign = await graph.ask(puma.admin, SETTINGS, { account: account.id });
  expect(foreign.body.data.paymentSettingsUpdate.userErrors).toEqual([{ code: 'NOT_FOUND' }]);
  const own = await graph.ask(nike.admin, SETTINGS, { account: account.id });
  expect(own.body.data.paymentSettingsUpdate.userErrors).toEqual([]);

  const made = await graph.ask(nike.admin, METHOD_CREATE);
  const { order, userErrors } = await buy(nike, variantId, made.body.data.paymentMethodCreate.paymentMethod.id);
  expect(userErrors).toEqual([{ code: 'PAYMENT_ACTION_REQUIRED' }]);
  const [intent] = intentsOf(account);
  expect(order).toMatchObject({
    status: 'PENDING',
    payment: { clientSecret: intent.client_secret, providerAccount: account.id },
  });

  account.authorize(intent);
  const webhooks = `${graph.gatewayUrl}/api/webhooks/stripe`;
  const told = [webhooks, 'payment_intent.amount_capturable_updated', { ...intent }] as const;
  const forged = await stripe.deliver(...told, { account: account.id, secret: 'whsec_somebodyelsessecret' });
  expect(forged.status).toBe(400);
  expect((await stripe.deliver(...told, { account: account.id })).status).toBe(200);
  const paid = { status: 'CONFIRMED', financialStatus: 'PAID', payment: { status: 'CAPTURED', flag: null } };
  for (let tries = 0; tries < 100; tries += 1) {
    const { body } = await graph.ask(nike.admin, ORDER, { id: order.id });
    if (body.data.order.financialStatus === 'PAID') break;
    await sleep(100);
  }
  expect((await graph.ask(nike.admin, ORDER, { id: order.id })).body.data.order).toEqual(paid);
  expect(intent).toMatchObject({ status: 'succeeded', amount_received: 15_000 });
}, 60_000);
