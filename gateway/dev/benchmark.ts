import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { readArguments } from './arguments';
import { readLocalEnv } from './localPlatform';
import { localToken } from './token';
import { deliverWebhook, organizationData } from './webhook';

const USAGE = 'npm run bench [-- --seconds 5] [--rounds 3] [--at-once 16]';
const STORE = { id: 'org_bench_1', slug: 'bench', name: 'Bench' };
const PRODUCTS = 200;
/** As many as can be made while the store's request budget is a new store's. */
const MAKERS = 4;

interface Workload {
  name: string;
  query: string;
  /** Others for each request: what is asked twice might be answered from memory. */
  variables(): Record<string, unknown>;
}

/**
 * `npm run bench`: how many operations a second the running local platform answers, and each as a ratio to the first one in
 * the same rounds. Rounds of all workloads alternate, and the median of each counts: a machine is never equally busy twice.
 */
async function benchmark(): Promise<void> {
  const number = { type: 'string' } as const;
  const { values } = readArguments({ seconds: number, rounds: number, 'at-once': number }, USAGE);
  const [seconds, rounds, atOnce] = [values.seconds ?? 5, values.rounds ?? 3, values['at-once'] ?? 16].map(Number);
  if (!seconds || !rounds || !atOnce) throw new Error(`Expected numbers: ${USAGE}`);
  const { GATEWAY_PORT = '3000', CLERK_WEBHOOK_SIGNING_SECRET = '' } = readLocalEnv();
  const origin = `http://127.0.0.1:${GATEWAY_PORT}`;
  const pool = new Pool(origin, { connections: atOnce });
  const ask = asker(pool);
  await openStore(`${origin}/api/webhooks/clerk`, CLERK_WEBHOOK_SIGNING_SECRET);
  await choosePlan(ask);
  const workloads = workloadsOn(await stockedVariants(ask));

  const rates = new Map<string, number[]>(workloads.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const workload of workloads) rates.get(workload.name)?.push(await rateOf(workload, ask, seconds, atOnce));
  }
  const median = (name: string) => [...(rates.get(name) ?? [])].sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
  const first = median(workloads[0]?.name ?? '');
  console.table(
    workloads.map(({ name }) => ({
      operation: name,
      'a second': Math.round(median(name)),
      'of the first': Number((median(name) / first).toFixed(3)),
    })),
  );
  await pool.close();
}

type Ask = (query: string, variables: Record<string, unknown>) => Promise<Record<string, never>>;

/** @returns the data of an answer. @throws Error with the first error of one that is no success: a rate of refusals is none. */
function asker(pool: Pool): Ask {
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${localToken(STORE, 'admin')}`,
  };
  return async (query, variables) => {
    const answer = await pool.request({
      method: 'POST',
      path: '/graphql',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await answer.body.json()) as { data: Record<string, never>; errors?: unknown[] };
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

/** The plan that limits neither products nor, by much, requests. The gateway knows of it a few seconds later. */
async function choosePlan(ask: Ask): Promise<void> {
  const chosen = (await ask('{ currentTenant { plan { name } } }', {})) as unknown as {
    currentTenant: { plan: { name: string } };
  };
  if (chosen.currentTenant.plan.name === 'ENTERPRISE') return;
  await ask('mutation { tenantPlanChange(input: { plan: ENTERPRISE }) { userErrors { field message code } } }', {});
  await sleep(6_000);
}

const COUNT = '{ products { totalCount } }';
const CREATE = `mutation Create($input: ProductCreateInput!) {
  productCreate(input: $input) { product { id } userErrors { field message code } }
}`;
const VARIANTS = `query Variants($after: String) {
  products(first: 100, after: $after) { nodes { id variants(first: 3) { nodes { id } } } pageInfo { endCursor hasNextPage } }
}`;

/** The store's variants, after it has got what is missing of its products. */
async function stockedVariants(ask: Ask): Promise<{ productIds: string[]; variantIds: string[] }> {
  const counted = (await ask(COUNT, {})) as unknown as { products: { totalCount: number } };
  let next = counted.products.totalCount;
  const maker = async () => {
    for (let n = next++; n < PRODUCTS; n = next++) await ask(CREATE, { input: productInput(n) });
  };
  await Promise.all(Array.from({ length: MAKERS }, maker));

  const found: { id: string; variants: { nodes: { id: string }[] } }[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const page = (await ask(VARIANTS, { after })) as unknown as {
      products: { nodes: typeof found; pageInfo: { endCursor: string; hasNextPage: boolean } };
    };
    found.push(...page.products.nodes);
    after = page.products.pageInfo.endCursor;
    more = page.products.pageInfo.hasNextPage;
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
      stock: 10_000_000,
    })),
  };
}

function workloadsOn({ productIds, variantIds }: { productIds: string[]; variantIds: string[] }): Workload[] {
  const anyOf = (ids: string[]) => ids[Math.floor(Math.random() * ids.length)];
  let orders = 0;
  const run = Date.now();
  return [
    { name: 'the store', query: '{ currentTenant { name } }', variables: () => ({}) },
    {
      name: 'one product',
      query: 'query One($id: ID) { product(id: $id) { name priceRange { min { amount } } } }',
      variables: () => ({ id: anyOf(productIds) }),
    },
    {
      name: 'list of 20 products with 3 variants',
      query: `query List($first: Int, $reverse: Boolean!) {
        products(first: $first, reverse: $reverse) {
          nodes { id name slug priceRange { min { amount } } variants(first: 3) { nodes { id sku price { amount currencyCode } } } }
        }
      }`,
      variables: () => ({ first: 20, reverse: Math.random() < 0.5 }),
    },
    {
      name: 'orderCreate',
      query: `mutation Order($input: OrderCreateInput!) {
        orderCreate(input: $input) { order { number status } userErrors { field message code } }
      }`,
      variables: () => ({
        input: {
          lines: [{ variantId: anyOf(variantIds), quantity: 1 }],
          email: 'bench@example.com',
          shippingAddress: { name: 'Ada', line1: '1 Market Street', city: 'San Francisco', countryCode: 'US' },
          idempotencyKey: `bench-${run}-${orders++}`,
        },
      }),
    },
    {
      name: 'list of 20 orders with their products',
      query: `query Orders($first: Int) {
        orders(first: $first) { nodes { number status items { productName quantity product { name } } } }
      }`,
      variables: () => ({ first: 20 }),
    },
  ];
}

/** Answers a second, after a moment of warming up. */
async function rateOf(workload: Workload, ask: Ask, seconds: number, atOnce: number): Promise<number> {
  let answered = 0;
  let counting = false;
  let ended = false;
  const worker = async () => {
    while (!ended) {
      await ask(workload.query, workload.variables());
      if (counting) answered += 1;
    }
  };
  const workers = Promise.all(Array.from({ length: atOnce }, worker));
  await Promise.race([sleep(1_000), workers]);
  const begun = performance.now();
  counting = true;
  await Promise.race([sleep(seconds * 1_000), workers]);
  const elapsed = performance.now() - begun;
  ended = true;
  await workers;
  return (answered * 1_000) / elapsed;
}

benchmark().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
