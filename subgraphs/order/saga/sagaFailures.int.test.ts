import { randomUUID } from 'node:crypto';
import { admin, customer, freshTenantId, member } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { openOrderDatabase } from '../database';
import { deleteExpiredKeys } from '../idempotency/keyExpiry';
import { finishedSagas, historyOf, makeOrder, orderCreate, orderInput, sagasOf } from '../test/factories';
import { type OrderSubgraphUnderTest, startTestSubgraph } from '../test/startTestSubgraph';

let order: OrderSubgraphUnderTest;

beforeAll(async () => {
  order = await startTestSubgraph();
});
afterAll(() => order?.close());

const RETRY =
  'mutation ($id: ID!) { orderSagaRetry(id: $id) { order { status saga { state steps { name status attempts lastError } } } userErrors { code } } }';
const retry = async (tenantId: string, id: string) =>
  (await order.ask(admin(tenantId), RETRY, { id })).data.orderSagaRetry;

const change = (tenantId: string, sql: string) => asOwner(order.ownerUrl, tenantId, sql);

/** Waits until the first attempt of a store's saga has failed. */
async function putOff(tenantId: string): Promise<string> {
  for (let tries = 0; tries < 200; tries += 1) {
    const [saga] = await sagasOf(order.ownerUrl, tenantId);
    if (saga && saga.attempts > 0) return saga.order_id;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('Nothing failed');
}

describe('a compensation that fails', () => {
  it('is retried, needs attention after ten failures, is never dropped, and completes once the cause is gone', async () => {
    const tenantId = freshTenantId();
    order.product.fail(tenantId, 'StockRelease', ...Array.from({ length: 30 }, () => 'CUT' as const));
    const lines = ['pvar_1', 'pvar_few'].map((variantId) => ({ variantId, quantity: 2 }));
    const { userErrors } = await orderCreate(order, customer(tenantId), orderInput({ lines }));
    expect(userErrors).toMatchObject([{ code: 'INSUFFICIENT_STOCK' }]);
    const id = await putOff(tenantId);

    const { order: retried } = await retry(tenantId, id);
    expect(retried).toMatchObject({ status: 'CANCELED', saga: { state: 'COMPENSATING' } });
    const { attempts, ...step } = retried.saga.steps.at(-1);
    expect(step).toEqual({ name: 'RELEASE_STOCK', status: 'RETRYING', lastError: 'SubgraphUnavailable' });
    // The subgraph's own recovery may have tried, too.
    expect(attempts).toBeGreaterThanOrEqual(2);

    const attemptsMade = async () => (await sagasOf(order.ownerUrl, tenantId))[0]?.attempts ?? 0;
    while ((await attemptsMade()) < 10) await retry(tenantId, id);
    const read = `{ order(id: "${id}") { saga { state } } }`;
    expect((await order.ask(member(tenantId), read)).data.order.saga.state).toBe('NEEDS_ATTENTION');

    expect((await retry(tenantId, id)).order.saga.state).toBe('NEEDS_ATTENTION');
    const [after] = await sagasOf(order.ownerUrl, tenantId);
    expect(after?.lease).toBeGreaterThan(500);

    order.product.fail(tenantId, 'StockRelease');
    expect((await retry(tenantId, id)).order.saga.state).toBe('DONE');
    expect(order.product.statusOf(tenantId, id)).toBe('RELEASED');
  });
});

describe('orderSagaRetry', () => {
  it('requires the permission to manage orders, and finds no other store’s order', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeOrder(order, customer(tenantId));
    const { errors } = await order.ask(customer(tenantId), RETRY, { id });
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    expect(await retry(freshTenantId(), id)).toEqual({ order: null, userErrors: [{ code: 'NOT_FOUND' }] });
  });

  it('is refused for an order whose saga is done', async () => {
    const tenantId = freshTenantId();
    const { id } = await makeOrder(order, customer(tenantId));
    expect((await retry(tenantId, id)).userErrors).toEqual([{ code: 'INVALID_TRANSITION' }]);
  });

  it('retries at once a step that is postponed by a minute', async () => {
    const tenantId = freshTenantId();
    order.product.fail(tenantId, 'StockReserve', 'CUT');
    const { order: made } = await orderCreate(order, customer(tenantId));
    await change(tenantId, `UPDATE order_sagas SET attempts = 6, lease_until = now() + interval '1 minute'`);
    expect((await retry(tenantId, made.id)).order.status).toBe('CONFIRMED');
  });
});

it('shows attempts and the last error at the step that failed, and at no other', async () => {
  const tenantId = freshTenantId();
  order.product.fail(tenantId, 'StockReserve', 'CUT');
  const { order: made } = await orderCreate(order, customer(tenantId));
  await finishedSagas(order.ownerUrl, tenantId);
  const read = `{ order(id: "${made.id}") { saga { steps { name attempts lastError } } } }`;
  const [reserve, ...others] = (await order.ask(member(tenantId), read)).data.order.saga.steps;
  expect(reserve).toEqual({ name: 'RESERVE_STOCK', attempts: 2, lastError: 'SubgraphUnavailable' });
  expect(others).toEqual(
    ['SPEND_CREDIT', 'AUTHORIZE_PAYMENT', 'CONFIRM', 'COMMIT_STOCK', 'CAPTURE_PAYMENT'].map((name) => ({
      name,
      attempts: 1,
      lastError: null,
    })),
  );
});

it('a confirmed order whose reservation expired, and whose stock was sold to others, is canceled, and its payment voided', async () => {
  const tenantId = freshTenantId();
  order.product.fail(tenantId, 'StockCommit', 'CUT');
  const { order: made } = await orderCreate(order, customer(tenantId));
  expect(made.status).toBe('CONFIRMED');
  order.product.loseReservation(tenantId, made.id);
  await finishedSagas(order.ownerUrl, tenantId);
  expect(await historyOf(order.ownerUrl, tenantId)).toEqual([
    [null, 'PENDING'],
    ['PENDING', 'CONFIRMED'],
    ['CONFIRMED', 'CANCELED'],
  ]);
  const read = `{ order(id: "${made.id}") { cancelReason financialStatus payment { status capturedAmount { amount } } } }`;
  expect((await order.ask(member(tenantId), read)).data.order).toEqual({
    cancelReason: 'INSUFFICIENT_STOCK',
    financialStatus: 'VOIDED',
    payment: { status: 'VOIDED', capturedAmount: { amount: '0.00' } },
  });
  expect(order.product.statusOf(tenantId, made.id)).toBe('RELEASED');
});

it('payment, deadline and cancellation race for a dozen orders: each ends in a consistent state', async () => {
  const tenantId = freshTenantId();
  const made = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      orderCreate(order, customer(tenantId, `user_${n}`), orderInput({ paymentToken: 'tok_action_done' })),
    ),
  );
  const ids: string[] = made.map((payload) => payload.order.id);
  const [mayPay, isOver] = [ids.slice(0, 8), ids.slice(4)];
  const cancel = `mutation ($id: ID!) { orderCancel(id: $id, input: { reason: "x" }) { userErrors { code } } }`;
  const due = (some: string[], sql: string) => change(tenantId, `${sql} WHERE order_id IN ('${some.join("','")}')`);
  await Promise.all([
    due(mayPay, 'UPDATE order_sagas SET lease_until = now()'),
    due(isOver, 'UPDATE order_sagas SET confirm_before = now(), lease_until = now()'),
    ...ids.map((id) => order.ask(admin(tenantId), cancel, { id })),
    ...ids.map((id) => retry(tenantId, id)),
  ]);
  await change(tenantId, 'UPDATE order_sagas SET lease_until = now() WHERE finished_at IS NULL');
  await finishedSagas(order.ownerUrl, tenantId);
  const rows = await asOwner<{ id: string; status: string; payment: string; history: number }>(
    order.ownerUrl,
    tenantId,
    `SELECT o.id, o.status::text, p.status::text AS payment,
       (SELECT count(*)::int FROM order_status_history h WHERE h.order_id = o.id AND h."to" = 'CANCELED') AS history
     FROM orders o JOIN payments p ON p.order_id = o.id`,
  );
  expect(rows).toHaveLength(12);
  for (const { id, ...row } of rows) {
    const stock = order.product.statusOf(tenantId, id);
    const money = expect.stringMatching(/^(VOIDED|CAPTURED)$/);
    if (row.status === 'CONFIRMED')
      expect([row, stock]).toEqual([{ ...row, payment: 'CAPTURED', history: 0 }, 'COMMITTED']);
    else expect([row, stock]).toEqual([{ status: 'CANCELED', payment: money, history: 1 }, 'RELEASED']);
  }
});

it('an idempotency key is deleted after two days, not before; the task’s row-level policy hides keys of the last 24 hours', async () => {
  const tenantId = freshTenantId();
  const { db, close } = await openOrderDatabase(order.appUrl, 2);
  try {
    const [old, young] = [randomUUID(), randomUUID()];
    for (const idempotencyKey of [old, young]) {
      await orderCreate(order, customer(tenantId), orderInput({ idempotencyKey }));
    }
    await finishedSagas(order.ownerUrl, tenantId);
    const aged = (key: string, hours: number) =>
      change(
        tenantId,
        `UPDATE idempotency_keys SET created_at = now() - interval '${hours} hours' WHERE key = '${key}'`,
      );
    await aged(old, 47);
    await aged(young, 23);
    await deleteExpiredKeys(db);
    const left = async () => (await change(tenantId, 'SELECT key FROM idempotency_keys')).length;
    expect(await left()).toBe(2);
    await aged(old, 49);
    await deleteExpiredKeys(db);
    expect(await change(tenantId, 'SELECT key FROM idempotency_keys')).toEqual([{ key: young }]);
  } finally {
    await close();
  }
});
