import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { readArguments } from './arguments';
import { type Ask, asker, openBenchStore } from './benchStore';
import { readLocalEnv } from './localPlatform';

const USAGE = 'npm run bench [-- --seconds 5] [--rounds 3] [--at-once 16]';

interface Workload {
  name: string;
  query: string;
  /** New variables for each request, so that no cache answers it. */
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
  const stocked = await openBenchStore(ask, `${origin}/api/webhooks/clerk`, CLERK_WEBHOOK_SIGNING_SECRET);
  const workloads = workloadsOn(stocked);

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

function workloadsOn({
  productIds,
  variantIds,
  paymentMethodId,
}: Awaited<ReturnType<typeof openBenchStore>>): Workload[] {
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
          shippingAddress: {
            name: 'Ada',
            line1: '1 Market Street',
            city: 'San Francisco',
            province: 'CA',
            countryCode: 'US',
          },
          paymentMethodId,
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

/** The answers per second, after a warm-up. */
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
