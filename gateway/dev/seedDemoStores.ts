import { DEMO_PAYMENT_METHODS, seedPaymentMethods } from './demoPaymentMethods';
import { priceIn, productInput, slugOf } from './demoProductInput';
import { DEMO_STORES, type DemoStore } from './demoStores';
import { localFetch } from './localFetch';
import { localToken } from './token';
import { deliverWebhook, membershipData, organizationData } from './webhook';

interface Variant {
  id: string;
  sku: string;
}

/** Bought by whom, what, and what becomes of it. */
const DEMO_ORDERS = [
  { customer: 'ada', lines: [[0, 1]], ending: 'fulfill' },
  {
    customer: 'grace',
    lines: [
      [1, 2],
      [2, 1],
    ],
    ending: null,
  },
  { customer: 'alan', lines: [[2, 1]], ending: 'cancel' },
  {
    customer: 'ada',
    lines: [
      [0, 1],
      [1, 1],
    ],
    ending: null,
  },
] as const;

const STANDARD = 'Standard';
const shippingRatesOf = (store: DemoStore) => [
  {
    name: STANDARD,
    price: priceIn(store, '5.00'),
    freeFrom: priceIn(store, '100.00'),
    estimatedDays: { min: 3, max: 5 },
  },
  { name: 'Express', price: priceIn(store, '15.00'), estimatedDays: { min: 1, max: 2 } },
];
const DEMO_DISCOUNT = { title: 'Welcome', code: 'WELCOME10', basisPoints: 1_000, usageLimitPerCustomer: 1 };

/**
 * Makes what is missing of the demo stores, through the gateway as their users would: Clerk's webhook, staff at a
 * dashboard, customers at the store. What is there already is left alone, so it may be interrupted and run again.
 * @returns the names of the stores it worked on.
 */
export async function seedDemoStores(
  gatewayUrl: string,
  webhookSecret: string,
  onStore: (name: string) => void,
): Promise<void> {
  for (const store of DEMO_STORES) {
    if (await isComplete(gatewayUrl, store)) continue;
    onStore(store.name);
    const { id, slug, name } = store;
    const answer = await deliverWebhook(`${gatewayUrl}/api/webhooks/clerk`, webhookSecret, {
      type: 'organization.created',
      data: organizationData({ id, slug, name }),
      id: `msg_demo_${slug}`,
    });
    if (!answer.ok)
      throw new Error(`The gateway refused the webhook for ${name}: ${answer.status} ${await answer.text()}`);
    await seedMembers(gatewayUrl, webhookSecret, id, slug);
    await send(gatewayUrl, PLAN_CHANGE, { plan: 'ENTERPRISE' }, staffOf(store));
    await seedPricing(gatewayUrl, store);
    const paymentMethodId = await seedPaymentMethods((query, variables) =>
      send(gatewayUrl, query, variables, staffOf(store)),
    );
    const variants = await seedCatalog(gatewayUrl, store);
    await seedOrders(gatewayUrl, store, variants, paymentMethodId);
  }
}

/** The two people whose tokens `npm run token` prints. */
async function seedMembers(gatewayUrl: string, webhookSecret: string, organizationId: string, slug: string) {
  for (const [role, name] of [
    ['admin', 'Ada Admin'],
    ['member', 'Max Member'],
  ] as const) {
    const data = membershipData(organizationId, `user_${slug}_${role}`, role, name.split(' '));
    const id = `msg_demo_${slug}_${role}`;
    const answer = await deliverWebhook(`${gatewayUrl}/api/webhooks/clerk`, webhookSecret, {
      type: 'organizationMembership.created',
      data,
      id,
    });
    if (!answer.ok) throw new Error(`The gateway refused the webhook for ${name}: ${answer.status}`);
  }
}

async function isComplete(gatewayUrl: string, store: DemoStore): Promise<boolean> {
  const query = '{ products(first: 1) { totalCount } orders(first: 1) { totalCount } paymentMethods { kind } }';
  const answer = await post(gatewayUrl, { query }, { authorization: `Bearer ${localToken(store, 'admin')}` });
  const { data } = answer as {
    data?: {
      products: { totalCount: number };
      orders: { totalCount: number };
      paymentMethods: { kind: string }[];
    } | null;
  };
  return (
    data?.products.totalCount !== undefined &&
    data.products.totalCount >= store.products.length &&
    data.orders.totalCount >= DEMO_ORDERS.length &&
    DEMO_PAYMENT_METHODS.every(({ kind }) => data.paymentMethods.some((method) => method.kind === kind))
  );
}

const staffOf = (store: DemoStore) => ({ authorization: `Bearer ${localToken(store, 'admin')}` });

/** How the store sends, taxes and discounts: as what it has is found by no key, it is made where there is nothing yet. */
interface Pricing {
  shippingRates: { id: string; name: string }[];
}

async function seedPricing(gatewayUrl: string, store: DemoStore): Promise<void> {
  const staff = staffOf(store);
  const found = await send<Pricing>(gatewayUrl, PRICING, {}, staff);
  // An interrupted run may have made some of them.
  const missing = shippingRatesOf(store).filter(({ name }) => !found.shippingRates.some((rate) => rate.name === name));
  for (const input of missing) await send(gatewayUrl, SHIPPING_RATE_CREATE, { input }, staff);
  await seedTaxes(gatewayUrl, store);
  await send(gatewayUrl, DISCOUNT_CREATE, { input: DEMO_DISCOUNT }, staff, ['TAKEN']);
}

async function seedTaxes(gatewayUrl: string, store: DemoStore): Promise<void> {
  const { pricesIncludeTax, taxRates, address } = store;
  const input = { pricesIncludeTax, countryCode: address.countryCode };
  await send(gatewayUrl, TAX_SETTINGS_UPDATE, { input }, staffOf(store));
  for (const input of taxRates) await send(gatewayUrl, TAX_RATE_CREATE, { input }, staffOf(store), ['TAKEN']);
}

interface Made {
  category: { id: string };
  product: { variants: { nodes: Variant[] } };
}

async function seedCatalog(gatewayUrl: string, store: DemoStore): Promise<Variant[]> {
  const staff = staffOf(store);
  /** What a mutation has made, or what a run that was interrupted has made before. */
  const make = async <Kind extends keyof Made>(kind: Kind, create: string, find: string, input: { slug: string }) => {
    const made = await send<Record<string, Pick<Made, Kind> | null>>(gatewayUrl, create, { input }, staff, ['TAKEN']);
    const { [kind]: it } = made[`${kind}Create`] ?? {};
    if (it) return it;
    return (await send<Pick<Made, Kind>>(gatewayUrl, find, { slug: input.slug }, staff))[kind];
  };

  const categoryIds = new Map<string, string>();
  for (const { name, parent } of store.categories) {
    const input = { name, slug: slugOf(name), parentId: parent === null ? null : categoryIds.get(parent) };
    const { id } = await make('category', CATEGORY_CREATE, CATEGORY, input);
    categoryIds.set(name, id);
  }
  const variants: Variant[] = [];
  for (const product of store.products) {
    const input = productInput(store, product, categoryIds.get(product.category));
    const made = await make('product', PRODUCT_CREATE, PRODUCT, input);
    const [first] = made.variants.nodes;
    if (first) variants.push(first);
  }
  return variants;
}

/** What an order is refused with whose stock or money was not there in time. */
const OUT_OF_TIME = ['INVALID', 'PAYMENT_TIMED_OUT'];
const MAX_KEYS = 5;

async function seedOrders(
  gatewayUrl: string,
  store: DemoStore,
  variants: Variant[],
  paymentMethodId: string,
): Promise<void> {
  const staff = staffOf(store);
  const { shippingRates } = await send<Pricing>(gatewayUrl, PRICING, {}, staff);
  const shippingOptionId = shippingRates.find(({ name }) => name === STANDARD)?.id;
  for (const [index, { customer, lines, ending }] of DEMO_ORDERS.entries()) {
    const token = localToken(store, 'customer', { userId: `user_${store.slug}_${customer}` });
    const input = {
      lines: lines.map(([at, quantity]) => ({ variantId: variants[at]?.id, quantity })),
      email: `${customer}@example.com`,
      paymentMethodId,
      shippingAddress: { name: customer, ...store.address },
      shippingOptionId,
    };
    const headers = { authorization: `Bearer ${token}`, 'x-store-domain': `${store.slug}.localhost` };
    const id = await placeOrder(gatewayUrl, input, `demo-order-${index + 1}`, headers);
    // Done before, when this run goes on from one that was interrupted.
    if (ending === 'fulfill') await send(gatewayUrl, ORDER_FULFILL, { id }, staff, ['INVALID_TRANSITION']);
    if (ending === 'cancel') await send(gatewayUrl, ORDER_CANCEL, { id }, staff, ['INVALID_TRANSITION']);
  }
}

/**
 * The same order each time, under the same key. One that an interrupted run left alone for too long was refused, and stays so
 * under its key: then the next key counts.
 */
async function placeOrder(
  gatewayUrl: string,
  input: object,
  key: string,
  headers: Record<string, string>,
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const idempotencyKey = attempt === 1 ? key : `${key}-${attempt}`;
    const tolerated = attempt < MAX_KEYS ? OUT_OF_TIME : [];
    const { orderCreate } = await send<{ orderCreate: { order: { id: string } | null } }>(
      gatewayUrl,
      ORDER_CREATE,
      { input: { ...input, idempotencyKey } },
      headers,
      tolerated,
    );
    if (orderCreate.order) return orderCreate.order.id;
  }
}

/** @throws Error with what the gateway said, except for user errors of the `tolerated` codes. */
async function send<Data>(
  gatewayUrl: string,
  query: string,
  variables: object,
  headers: Record<string, string>,
  tolerated: string[] = [],
): Promise<Data> {
  const { data, errors } = (await post(gatewayUrl, { query, variables }, headers)) as {
    data?: Record<string, { userErrors?: { code: string; message: string }[] } | null>;
    errors?: { message: string }[];
  };
  const refusals = Object.values(data ?? {}).flatMap((payload) => payload?.userErrors ?? []);
  const faults = [...(errors ?? []), ...refusals.filter(({ code }) => !tolerated.includes(code))];
  if (faults.length > 0)
    throw new Error(`The demo stores can't be made: ${faults.map(({ message }) => message).join('; ')}`);
  return data as Data;
}

async function post(gatewayUrl: string, body: object, headers: Record<string, string>): Promise<unknown> {
  const response = await localFetch(`${gatewayUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return response.json();
}

const PLAN_CHANGE = `mutation ($plan: PlanName!) {
  tenantPlanChange(input: { plan: $plan }) { userErrors { code message } }
}`;
const PRICING = '{ shippingRates { id name } }';
const SHIPPING_RATE_CREATE = `mutation ($input: ShippingRateCreateInput!) {
  shippingRateCreate(input: $input) { userErrors { code message } }
}`;
const TAX_SETTINGS_UPDATE = `mutation ($input: TaxSettingsUpdateInput!) {
  taxSettingsUpdate(input: $input) { userErrors { code message } }
}`;
const TAX_RATE_CREATE = `mutation ($input: TaxRateCreateInput!) {
  taxRateCreate(input: $input) { userErrors { code message } }
}`;
const DISCOUNT_CREATE = `mutation ($input: DiscountCreateInput!) {
  discountCreate(input: $input) { userErrors { code message } }
}`;
const CATEGORY_CREATE = `mutation ($input: CategoryCreateInput!) {
  categoryCreate(input: $input) { category { id } userErrors { code message } }
}`;
const CATEGORY = 'query ($slug: String!) { category(slug: $slug) { id } }';
const PRODUCT_CREATE = `mutation ($input: ProductCreateInput!) {
  productCreate(input: $input) {
    product { variants(first: 1) { nodes { id sku } } }
    userErrors { code message }
  }
}`;
const PRODUCT = 'query ($slug: String!) { product(slug: $slug) { variants(first: 1) { nodes { id sku } } } }';
const ORDER_CREATE = `mutation ($input: OrderCreateInput!) {
  orderCreate(input: $input) { order { id } userErrors { code message } }
}`;
const ORDER_FULFILL = 'mutation ($id: ID!) { orderFulfill(id: $id) { userErrors { code message } } }';
const ORDER_CANCEL = `mutation ($id: ID!) {
  orderCancel(id: $id, input: { reason: "The customer changed their mind." }) { userErrors { code message } }
}`;
