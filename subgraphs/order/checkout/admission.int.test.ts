import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { type Caller, signCaller } from '../../shared/caller';
import { deadline } from '../../shared/clientAbortSignal';
import { freshTenantId, SIGNING_KEY, visitor } from '../../shared/test/askSubgraph';
import { finishedSagas, ORDER_CREATE, orderCreate, orderInput } from '../test/factories';
import { startSubgraphHere } from '../test/startSubgraphHere';
import type { OrderSubgraphUnderTest } from '../test/startTestSubgraph';
import { openCheckout } from '../test/testMethod';
import { PLACEMENTS } from './placementLimits';

let order: OrderSubgraphUnderTest;
let pool: Pool;

beforeAll(async () => {
  jest.replaceProperty(PLACEMENTS, 'inFlight', 1);
  jest.replaceProperty(PLACEMENTS, 'maxWaitMs', 3_600_000);
  order = await startSubgraphHere();
  pool = new Pool(order.url, { connections: 4 });
});
afterAll(async () => {
  await pool?.close();
  await order?.close();
});

/** orderCreate over a connection that the test can close, with a deadline. */
async function post(caller: Caller, { waitsMs = 60_000, signal }: { waitsMs?: number; signal?: AbortSignal }) {
  await openCheckout(order.ownerUrl, caller.tenantId ?? '');
  const body = JSON.stringify({ query: ORDER_CREATE, variables: { input: orderInput() } });
  const headers = {
    'content-type': 'application/json',
    ...deadline(waitsMs),
    ...signCaller(caller, 'order', body, SIGNING_KEY),
  };
  const answer = await pool.request({ method: 'POST', path: '/graphql', headers, body, signal: signal ?? null });
  return (await answer.body.json()) as { errors?: { extensions: { code: string } }[] };
}

/** Waits until so many requests are in a state of admission. */
async function untilCount(state: 'IN_FLIGHT' | 'QUEUED', count: number): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const metrics = await (await pool.request({ method: 'GET', path: '/metrics' })).body.text();
    if (metrics.includes(`order_placements{state="${state}"} ${count}\n`)) return;
    await sleep(10);
  }
  throw new Error(`Never ${count} ${state}`);
}

/** Takes all slots by one order, which the catalog does not answer until `answer`. */
async function fillCapacity(tenantId: string) {
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  order.product.fail(tenantId, 'StockReserve', answered);
  const admitted = orderCreate(order, visitor(tenantId));
  await order.product.arrival(tenantId, 'StockReserve');
  return { answer, admitted };
}

describe('a buyer who is admitted too late places no order', () => {
  it('because they closed the connection while queued', async () => {
    const tenantId = freshTenantId();
    const { answer, admitted } = await fillCapacity(tenantId);
    const closing = new AbortController();
    const gone = post(visitor(tenantId), { signal: closing.signal });
    await untilCount('QUEUED', 1);
    closing.abort();
    await expect(gone).rejects.toThrow('abort');
    await untilCount('QUEUED', 0);
    answer();
    await admitted;
    expect(await finishedSagas(order.ownerUrl, tenantId)).toHaveLength(1);
  });

  it('because the gateway’s deadline passed while they were queued', async () => {
    const tenantId = freshTenantId();
    const { answer, admitted } = await fillCapacity(tenantId);
    const { errors } = await post(visitor(tenantId), { waitsMs: 50 });
    expect(errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
    answer();
    await admitted;
    expect(await finishedSagas(order.ownerUrl, tenantId)).toHaveLength(1);
  });
});

it('a queued buyer is admitted when another order’s stock is reserved', async () => {
  const tenantId = freshTenantId();
  const { answer, admitted } = await fillCapacity(tenantId);
  const waiting = orderCreate(order, visitor(tenantId));
  await untilCount('QUEUED', 1);
  answer();
  expect((await waiting).order).not.toBeNull();
  await admitted;
  await untilCount('IN_FLIGHT', 0);
});
