import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../../shared/caller';
import { SubgraphUnavailable } from '../../shared/subgraphClient';
import type { SubgraphUnderTest } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { openCheckout, TEST_METHOD } from './testMethod';

export const ORDER_CREATE = `mutation ($input: OrderCreateInput!) { orderCreate(input: $input) {
  order { id number status cancelReason total { amount currencyCode } items { id productId quantity } payment { clientSecret } }
  userErrors { field code message } } }`;

export const shippingAddress = { name: 'Ada', line1: '1 Market Street', city: 'San Francisco', countryCode: 'US' };

/** A valid input; `changes` replace its fields. */
export function orderInput(changes: Record<string, unknown> = {}) {
  return {
    lines: [{ variantId: 'pvar_1', quantity: 2 }],
    email: 'ada@example.com',
    shippingAddress,
    paymentMethodId: TEST_METHOD,
    idempotencyKey: randomUUID(),
    ...changes,
  };
}

type OrderSubgraph = SubgraphUnderTest & { ownerUrl: string };

/** Places an order, in a store that gets a payment method for it. */
export async function orderCreate(subgraph: OrderSubgraph, caller: Caller, input = orderInput()) {
  await openCheckout(subgraph.ownerUrl, caller.tenantId ?? '');
  const { data, errors } = await subgraph.ask(caller, ORDER_CREATE, { input });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.orderCreate;
}

/** Retries under the same idempotency key on a timeout or SERVICE_UNAVAILABLE, as a client should. */
export async function orderCreatePatiently(
  subgraph: OrderSubgraph,
  caller: Caller,
  input: ReturnType<typeof orderInput>,
) {
  await openCheckout(subgraph.ownerUrl, caller.tenantId ?? '');
  for (let tries = 1; ; tries += 1) {
    const { data, errors } = await subgraph.ask(caller, ORDER_CREATE, { input }).catch((error: unknown) => {
      if (error instanceof SubgraphUnavailable && tries < 20) return { data: null, errors: [BUSY] };
      throw error;
    });
    if (!errors) return data.orderCreate;
    const { code = '', retryAfter = 0.25 } = (errors[0]?.extensions ?? {}) as { code?: string; retryAfter?: number };
    if (!['SERVICE_UNAVAILABLE', 'THROTTLED'].includes(code) || tries === 20) throw new Error(JSON.stringify(errors));
    await sleep(retryAfter * 1_000);
  }
}

const BUSY = { message: 'No answer', extensions: { code: 'SERVICE_UNAVAILABLE' } };

/** Places an order by orderCreate and waits for its saga to finish. @returns its id and number. */
export async function makeOrder(subgraph: OrderSubgraph, caller: Caller): Promise<{ id: string; number: number }> {
  const { order, userErrors } = await orderCreate(subgraph, caller);
  if (!order) throw new Error(`No order: ${JSON.stringify(userErrors)}`);
  await finishedSagas(subgraph.ownerUrl, caller.tenantId ?? '');
  return { id: order.id, number: order.number };
}

export interface SagaRow {
  order_id: string;
  step: string;
  attempts: number;
  fence: number;
  finished: boolean;
  last_error: string | null;
  /** Seconds until its lease expires. */
  lease: number;
}

/** A store's sagas, from the database. */
export function sagasOf(ownerUrl: string, tenantId: string): Promise<SagaRow[]> {
  return asOwner(
    ownerUrl,
    tenantId,
    `SELECT order_id, step::text, attempts, fence, finished_at IS NOT NULL AS finished, last_error,
            extract(epoch FROM lease_until - now())::float AS lease
     FROM order_sagas ORDER BY created_at, order_id`,
  );
}

/** Waits until all sagas of a store are finished. @returns them. */
export async function finishedSagas(ownerUrl: string, tenantId: string): Promise<SagaRow[]> {
  for (let tries = 0; tries < 200; tries += 1) {
    const sagas = await sagasOf(ownerUrl, tenantId);
    if (sagas.length > 0 && sagas.every(({ finished }) => finished)) return sagas;
    await sleep(50);
  }
  throw new Error(`Not finished: ${JSON.stringify(await sagasOf(ownerUrl, tenantId))}`);
}

/** The statuses that a store's orders went through, in order: [[null, 'PENDING'], …] */
export async function historyOf(ownerUrl: string, tenantId: string): Promise<(string | null)[][]> {
  const sql = `SELECT "from", "to" FROM order_status_history WHERE kind = 'STATUS' ORDER BY id`;
  const rows = await asOwner<{ from: string | null; to: string }>(ownerUrl, tenantId, sql);
  return rows.map(({ from, to }) => [from, to]);
}
