import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'undici';
import { localToken } from './token';
import { deliverWebhook, organizationData } from './webhook';

/** The store on which the running local platform is measured. */
export const STORE = { id: 'org_bench_1', slug: 'bench', name: 'Bench' };
const PRODUCTS = 200;
/** How many products are created concurrently: as many as a new store's rate limit allows. */
const MAKERS = 4;

/**
 * Opens the store unless it is there, on the plan that limits neither products nor, by much, requests, and stocked with what
 * is sold and a way to pay. @returns the ids of that.
 */
export async function openBenchStore(
  ask: Ask,
  webhookUrl: string,
  webhookSecret: string,
): Promise<{ productIds: string[]; variantIds: string[]; paymentMethodId: string }> {
  await openStore(webhookUrl, webhookSecret);
  await choosePlan(ask);
  return { ...(await stockedVariants(ask)), paymentMethodId: await findOrMakeMethod(ask) };
}

export type Ask = <Data>(query: string, variables: Record<string, unknown>) => Promise<Data>;

/** Asks as the store's admin. @returns the data of an answer. @throws Error with the first error of one that is no success: a rate of refusals is none. */
export function asker(pool: Pool): Ask {
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${localToken(STORE, 'admin')}`,
  };
  return async <Data>(query: string, variables: Record<string, unknown>) => {
    const answer = await pool.request({
      method: 'POST',
      path: '/graphql',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await answer.body.json()) as { data: Data; errors?: unknown[] };
    const refusals = Object.values(data ?? {}).flatMap(
      (payload) => (payload as { userErrors?: unknown[] } | null)?.userErrors ?? [],
    );
    const fault = errors?.[0] ?? refusals[0];
    if (fault) throw new Error(`The benchmark was refused: ${JSON.stringify(fault)}`);
    return data;
  };
}

async function openStore(url: string, secret: string): Promise<void> {
  const delivery = { type: 'organization.created', data: organizationData(STORE), id: `msg_${STORE.slug}` };
  const answer = await deliverWebhook(url, secret, delivery);
  if (!answer.ok) throw new Error(`The gateway refused the webhook: ${answer.status} ${await answer.text()}`);
  await answer.body?.cancel();
}

/** Chooses the plan. The gateway applies it a few seconds later. */
async function choosePlan(ask: Ask): Promise<void> {
  type Chosen = { currentTenant: { plan: { name: string } } };
  const { currentTenant } = await ask<Chosen>('{ currentTenant { plan { name } } }', {});
  if (currentTenant.plan.name === 'ENTERPRISE') return;
  await ask('mutation { tenantPlanChange(input: { plan: ENTERPRISE }) { userErrors { field message code } } }', {});
  await sleep(6_000);
}

async function findOrMakeMethod(ask: Ask): Promise<string> {
  type Method = { id: string; kind: string };
  const { paymentMethods } = await ask<{ paymentMethods: Method[] }>('{ paymentMethods { id kind } }', {});
  const found = paymentMethods.find(({ kind }) => kind === 'TEST');
  if (found) return found.id;
  const { paymentMethodCreate } = await ask<{ paymentMethodCreate: { paymentMethod: Method } }>(METHOD_CREATE, {});
  return paymentMethodCreate.paymentMethod.id;
}

const METHOD_CREATE = `mutation {
  paymentMethodCreate(input: { kind: TEST, name: "Test" }) { paymentMethod { id kind } userErrors { field message code } }
}`;
const COUNT = '{ products { totalCount } }';
const CREATE = `mutation Create($input: ProductCreateInput!) {
  productCreate(input: $input) { product { id } userErrors { field message code } }
}`;
const VARIANTS = `query Variants($after: String) {
  products(first: 100, after: $after) { nodes { id variants(first: 3) { nodes { id } } } pageInfo { endCursor hasNextPage } }
}`;

/** The store's variants, after its missing products were created. */
async function stockedVariants(ask: Ask): Promise<{ productIds: string[]; variantIds: string[] }> {
  const counted = await ask<{ products: { totalCount: number } }>(COUNT, {});
  let next = counted.products.totalCount;
  const maker = async () => {
    for (let n = next++; n < PRODUCTS; n = next++) await ask(CREATE, { input: productInput(n) });
  };
  await Promise.all(Array.from({ length: MAKERS }, maker));

  type Found = { id: string; variants: { nodes: { id: string }[] } };
  type Page = { products: { nodes: Found[]; pageInfo: { endCursor: string; hasNextPage: boolean } } };
  const found: Found[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { products }: Page = await ask(VARIANTS, { after });
    found.push(...products.nodes);
    after = products.pageInfo.endCursor;
    more = products.pageInfo.hasNextPage;
  }
  return {
    productIds: found.map(({ id }) => id),
    variantIds: found.flatMap(({ variants }) => variants.nodes.map(({ id }) => id)),
  };
}

function productInput(n: number) {
  const sizes = ['S', 'M', 'L'];
  return {
    name: `Shirt ${n}`,
    status: 'ACTIVE',
    options: [{ name: 'Size', values: sizes }],
    variants: sizes.map((size, index) => ({
      sku: `SHIRT-${n}-${size}`,
      price: { amount: `${20 + (n % 50)}.${index}0`, currencyCode: 'USD' },
      optionValues: [{ option: 'Size', value: size }],
      quantityOnHand: 10_000_000,
    })),
  };
}
