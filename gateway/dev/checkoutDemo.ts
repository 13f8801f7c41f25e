import { randomUUID } from 'node:crypto';
import { DEMO_STORES, type DemoStore } from './demoStores';
import { localFetch } from './localFetch';
import { readLocalEnv } from './localPlatform';
import { localToken } from './token';

interface Amount {
  amount: string;
  currencyCode: string;
}

interface Cart {
  id: string;
  shippingOptions: { id: string; name: string; price: Amount; estimatedDays: { min: number; max: number } | null }[];
  paymentMethods: { id: string; kind: string; name: string }[];
  discounts: { title: string; amount: Amount }[];
  cost: { taxLines: { title: string; rate: string; amount: Amount }[]; total: Amount };
}

interface Order {
  id: string;
  name: string;
  financialStatus: string;
  fulfillmentStatus: string;
  total: Amount;
}

interface Payload {
  cart?: Cart;
  order?: Order | null;
  nextStep?: string | null;
  nextIdempotencyKey?: string | null;
  userErrors: { code: string; field: string[] | null; message: string }[];
}

/**
 * `npm run demo:checkout`: a buyer's checkout in each demo store of the running platform, over HTTP as a storefront does it, and what
 * staff do with the order. Says each step. Ends with exit code 1 at the first that is not answered as it has to be.
 */
async function main(): Promise<void> {
  for (const store of DEMO_STORES) {
    console.log(`\n${store.name}`);
    await checkout(store);
  }
}

async function checkout(store: DemoStore): Promise<void> {
  const { products } = await send<{ products: { nodes: { name: string; variants: { nodes: { id: string }[] } }[] } }>(
    store,
    '{ products(first: 1) { nodes { name variants(first: 1) { nodes { id } } } } }',
  );
  const [product] = products.nodes;
  const begun = await change(store, 'cartCreate', CART_CREATE, {
    // Of a new buyer each time: the code below is for the first order.
    email: `buyer-${randomUUID()}@example.com`,
    lines: [{ variantId: product?.variants.nodes[0]?.id, quantity: 1 }],
    shippingAddress: { name: 'Ada', ...store.address },
  });
  say('in the cart', `${product?.name}, ${sumOf(begun.cart)}`);
  const options = begun.cart?.shippingOptions ?? [];
  say('shipping', options.map((option) => `${option.name} ${money(option.price)}${days(option)}`).join(', '));
  const cart = { id: begun.cart?.id };

  const express = options.find(({ name }) => name === 'Express');
  const sent = await change(store, 'cartShippingOptionSelect', OPTION_SELECT, { shippingOptionId: express?.id }, cart);
  say('Express chosen', sumOf(sent.cart));
  const reduced = await change(store, 'cartDiscountCodesUpdate', CODES_UPDATE, { discountCodes: ['WELCOME10'] }, cart);
  const discounts = reduced.cart?.discounts.map(({ title, amount }) => `${title} -${money(amount)}`);
  say('code applied', `${discounts?.join(', ')}, ${sumOf(reduced.cart)}`);

  const method = (kind: string) => reduced.cart?.paymentMethods.find((one) => one.kind === kind)?.id;
  const order = { cartId: cart.id, idempotencyKey: randomUUID() };
  const card = { ...order, paymentMethodId: method('TEST'), paymentToken: 'tok_declined' };
  const declined = await change(store, 'orderCreate', ORDER_CREATE, card, {}, 'PAYMENT_DECLINED');
  say('card declined', `${declined.userErrors[0]?.message} Next: ${declined.nextStep}`);
  const transfer = {
    ...order,
    idempotencyKey: declined.nextIdempotencyKey,
    paymentMethodId: method('BANK_TRANSFER'),
  };
  const placed = await change(store, 'orderCreate', ORDER_CREATE, transfer);
  say('bank transfer', orderOf(placed));

  const staff = { authorization: `Bearer ${localToken(store, 'admin')}` };
  const id = { id: placed.order?.id };
  say('marked as paid', orderOf(await change(store, 'orderMarkAsPaid', MARK_AS_PAID, {}, id, undefined, staff)));
  say('sent', orderOf(await change(store, 'orderFulfill', FULFILL, null, id, undefined, staff)));
}

/** @throws Error when the answer is another than expected: no user error, or one of the code `refused`. */
async function change(
  store: DemoStore,
  name: string,
  query: string,
  input: object | null,
  variables: object = {},
  refused?: string,
  headers: Record<string, string> = {},
): Promise<Payload> {
  const { [name]: payload } = await send<Record<string, Payload>>(store, query, { ...variables, input }, headers);
  const codes = payload?.userErrors.map(({ code }) => code) ?? [];
  if (!payload || codes.join() !== (refused ?? '')) {
    throw new Error(`${store.name}: ${name} answered ${JSON.stringify(payload)}, and not ${refused ?? 'success'}`);
  }
  return payload;
}

async function send<Data>(
  { slug, name }: DemoStore,
  query: string,
  variables: object = {},
  headers: Record<string, string> = {},
): Promise<Data> {
  const response = await localFetch(`http://localhost:${readLocalEnv().GATEWAY_PORT}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-store-domain': `${slug}.localhost`, ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] };
  if (errors) throw new Error(`${name}: ${errors.map(({ message }) => message).join('; ')}`);
  return data;
}

const say = (step: string, what: string) => console.log(`  ${step.padEnd(15)} ${what}`);
const money = ({ amount, currencyCode }: Amount) => `${amount} ${currencyCode}`;
const days = ({ estimatedDays }: Cart['shippingOptions'][number]) =>
  estimatedDays ? ` (${estimatedDays.min} to ${estimatedDays.max} days)` : '';

function sumOf(cart: Cart | undefined): string {
  if (!cart) throw new Error('The answer has no cart');
  const { taxLines, total } = cart.cost;
  return `${money(total)}, of it ${taxLines.map(({ title, rate, amount }) => `${title} ${rate} % ${money(amount)}`).join(', ')}`;
}

function orderOf({ order }: Payload): string {
  if (!order) throw new Error('The answer has no order');
  return `${order.name}, ${money(order.total)}, ${order.financialStatus}, ${order.fulfillmentStatus}`;
}

const MONEY = '{ amount currencyCode }';
const CART = `cart { id shippingOptions { id name price ${MONEY} estimatedDays { min max } } paymentMethods { id kind name }
  discounts { title amount ${MONEY} } cost { taxLines { title rate amount ${MONEY} } total ${MONEY} } }
  userErrors { code field message }`;
const ORDER = `order { id name financialStatus fulfillmentStatus total ${MONEY} } userErrors { code field message }`;
const CART_CREATE = `mutation ($input: CartCreateInput!) { cartCreate(input: $input) { ${CART} } }`;
const OPTION_SELECT = `mutation ($id: ID!, $input: CartShippingOptionSelectInput!) {
  cartShippingOptionSelect(id: $id, input: $input) { ${CART} }
}`;
const CODES_UPDATE = `mutation ($id: ID!, $input: CartDiscountCodesUpdateInput!) {
  cartDiscountCodesUpdate(id: $id, input: $input) { ${CART} }
}`;
const ORDER_CREATE = `mutation ($input: OrderCreateInput!) {
  orderCreate(input: $input) { nextStep nextIdempotencyKey ${ORDER} }
}`;
const MARK_AS_PAID = `mutation ($id: ID!, $input: OrderMarkAsPaidInput!) {
  orderMarkAsPaid(id: $id, input: $input) { ${ORDER} }
}`;
const FULFILL = `mutation ($id: ID!, $input: OrderFulfillInput) { orderFulfill(id: $id, input: $input) { ${ORDER} } }`;

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
