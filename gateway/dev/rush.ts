import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { readArguments } from './arguments';
import { asker, openBenchStore, STORE } from './benchStore';
import { readLocalEnv } from './localPlatform';

const USAGE = 'npm run rush [-- --buyers 1000] [--give-up]';
/** A buyer's timeout for one request: longer than the gateway's for a subgraph. */
const REQUEST_MS = 30_000;
const MAX_MS = 180_000;
const ORDER = `mutation Rush($input: OrderCreateInput!) {
  orderCreate(input: $input) { order { id status } userErrors { code } }
}`;

/** The result for one buyer. */
interface Bought {
  /** Null for a buyer who got no order. */
  orderId: string | null;
  /** The answer to each request: an order's status, or an error code. */
  answers: string[];
  ms: number;
}

/**
 * `npm run rush`: all buyers want the same thing of one store of the running local platform in the same instant, each under a key
 * of their own, and come back when Retry-After says; with --give-up they do not. Says how many orders a second it came to.
 */
async function rush(): Promise<void> {
  const { values } = readArguments({ buyers: { type: 'string' }, 'give-up': { type: 'boolean' } }, USAGE);
  const buyers = Number(values.buyers ?? 1_000);
  if (!(buyers > 0)) throw new Error(`Expected a number: ${USAGE}`);
  const { GATEWAY_PORT = '3000', CLERK_WEBHOOK_SIGNING_SECRET = '' } = readLocalEnv();
  const origin = `http://127.0.0.1:${GATEWAY_PORT}`;
  const pool = new Pool(origin, { connections: buyers });
  const ask = asker(pool);
  const { variantIds, paymentMethodId } = await openBenchStore(
    ask,
    `${origin}/api/webhooks/clerk`,
    CLERK_WEBHOOK_SIGNING_SECRET,
  );
  const before = await countOrders(ask);

  const begun = performance.now();
  const comesBack = values['give-up'] !== true;
  const wanted = { lines: [{ variantId: variantIds[0] ?? '', quantity: 1 }], paymentMethodId };
  const bought = await Promise.all(Array.from({ length: buyers }, () => buy(pool, wanted, begun, comesBack)));
  const withOrder = bought.filter(({ orderId }) => orderId !== null);
  const lastOrder = Math.max(0, ...withOrder.map(({ ms }) => ms));
  // Waits for work that continues for disconnected clients.
  await sleep(5_000);
  console.table(tally(bought.flatMap(({ answers }) => answers)));
  const requests = bought.reduce((sum, { answers }) => sum + answers.length, 0);
  const waits = withOrder.map(({ ms }) => ms).sort((a, b) => a - b);
  console.log(`${withOrder.length} of ${buyers} have an order, the last after ${(lastOrder / 1_000).toFixed(1)} s:`);
  console.log(`  ${((withOrder.length * 1_000) / lastOrder).toFixed(1)} orders a second`);
  console.log(`  ${((withOrder.length * 100) / requests).toFixed(1)} % of ${requests} answers are an order`);
  console.log(`  half of them had waited ${((waits[waits.length >> 1] ?? 0) / 1_000).toFixed(1)} s`);
  console.log(`  ${(await countOrders(ask)) - before - withOrder.length} orders more than buyers know of`);
  await pool.close();
}

async function countOrders(ask: ReturnType<typeof asker>): Promise<number> {
  type Counted = { orders: { totalCount: number } };
  const { orders } = await ask<Counted>('{ orders(first: 1, where: { statuses: [CONFIRMED] }) { totalCount } }', {});
  return orders.totalCount;
}

async function buy(pool: Pool, wanted: object, begun: number, comesBack: boolean): Promise<Bought> {
  const input = {
    ...wanted,
    email: 'rush@example.com',
    shippingAddress: {
      name: 'Ada',
      line1: '1 Market Street',
      city: 'San Francisco',
      province: 'CA',
      countryCode: 'US',
    },
    idempotencyKey: randomUUID(),
  };
  const answers: string[] = [];
  for (;;) {
    const { orderId, words, retryAfter } = await orderOnce(pool, input);
    answers.push(words);
    const ms = performance.now() - begun;
    if (orderId || !comesBack || ms > MAX_MS) return { orderId, answers, ms };
    await sleep(retryAfter * 1_000);
  }
}

interface Answer {
  data?: {
    orderCreate: { order: { id: string; status: string } | null; userErrors: { code: string }[] } | null;
  } | null;
  errors?: { extensions: { code: string } }[];
}

/** One request of a visitor. @returns `retryAfter` in seconds as the answer says, or else 1. */
async function orderOnce(pool: Pool, input: object) {
  try {
    const answer = await pool.request({
      method: 'POST',
      path: '/graphql',
      headers: { 'content-type': 'application/json', 'x-store-domain': `${STORE.slug}.localhost` },
      body: JSON.stringify({ query: ORDER, variables: { input } }),
      headersTimeout: REQUEST_MS,
      bodyTimeout: REQUEST_MS,
    });
    const { data, errors } = (await answer.body.json()) as Answer;
    const order = data?.orderCreate?.order;
    const words = order?.status ?? errors?.[0]?.extensions.code ?? data?.orderCreate?.userErrors[0]?.code ?? 'nothing';
    return {
      orderId: order?.id ?? null,
      words: `${answer.statusCode} ${words}`,
      retryAfter: Number(answer.headers['retry-after'] ?? 1),
    };
  } catch (error) {
    return { orderId: null, words: (error as Error).name, retryAfter: 1 };
  }
}

function tally(words: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

rush().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
