import { Registry } from 'prom-client';
import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { LeaseLost } from '../../shared/lease';
import { createLogger } from '../../shared/log';
import { runInScope } from '../../shared/scope';
import { customer, freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { checksumOfTenant } from '../../shared/test/checksumOfTenant';
import { openOrderDatabase } from '../database';
import { historyOf, type SagaRow, sagasOf } from '../test/factories';
import { type OrderProcess, startOrderProcess } from '../test/orderProcess';
import { ProductStandIn } from '../test/productStandIn';
import { claimSaga, listDue, moveTo, postpone } from './sagaLease';
import { registerSagaMetrics } from './sagaMetrics';

let database: TestDatabase;
let product: ProductStandIn;
let one: OrderProcess;
let other: OrderProcess;

beforeAll(async () => {
  database = await createTestDatabase('order');
  product = await ProductStandIn.start();
  one = await startOrderProcess(database.appUrl, product.url);
  other = await startOrderProcess(database.appUrl, product.url);
});
afterAll(async () => {
  await one?.close();
  await other?.close();
  await product?.close();
  await database?.drop();
});

const CONFIRMED = [
  [null, 'PENDING'],
  ['PENDING', 'CONFIRMED'],
];

const PASSED = {
  passed: [{ name: 'RESERVE_STOCK', status: 'DONE' }],
  next: 'AUTHORIZE_PAYMENT',
} as const satisfies Parameters<typeof moveTo>[2];

/** Expires the leases of a store's sagas. */
const letLeaseRunOut = (tenantId: string) =>
  asOwner(database.ownerUrl, tenantId, `UPDATE order_sagas SET lease_until = now() - interval '1 second'`);

const letTimePass = (tenantId: string, minutes: number) =>
  asOwner(database.ownerUrl, tenantId, 'UPDATE order_sagas SET created_at = created_at - make_interval(mins => $1)', [
    minutes,
  ]);

async function sagaOf(tenantId: string): Promise<SagaRow> {
  const [saga] = await sagasOf(database.ownerUrl, tenantId);
  if (!saga) throw new Error('No saga');
  return saga;
}

/** A store with one PENDING order: the catalog did not answer once. */
async function pendingOrder(): Promise<{ tenantId: string; orderId: string }> {
  const tenantId = freshTenantId();
  product.fail(tenantId, 'StockReserve', 'CUT');
  return { tenantId, orderId: await one.place(customer(tenantId)) };
}

/** An answer that the test delays. */
function heldBack() {
  let release = () => {};
  const answer = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { answer, release };
}

describe('a process that has lost its lease', () => {
  it('can’t write an answer that arrives late: the order is confirmed once', async () => {
    const tenantId = freshTenantId();
    const { answer, release } = heldBack();
    product.fail(tenantId, 'StockReserve', answer);
    const placing = one.place(customer(tenantId));
    const { orderId } = await product.arrival(tenantId, 'StockReserve');

    await letLeaseRunOut(tenantId);
    await other.saga.resume(tenantId, orderId);
    const decided = await checksumOfTenant(database.ownerUrl, tenantId);
    expect(await sagaOf(tenantId)).toMatchObject({ step: 'DONE', finished: true, fence: 1 });

    release();
    expect(await placing).toBe(orderId);
    await one.saga.settled();
    expect(await checksumOfTenant(database.ownerUrl, tenantId)).toEqual(decided);
    expect(await historyOf(database.ownerUrl, tenantId)).toEqual(CONFIRMED);
    expect(product.asked(orderId)).toEqual(['StockReserve', 'StockReserve', 'StockCommit']);
  });

  it('can neither postpone the saga nor cancel its order', async () => {
    const tenantId = freshTenantId();
    const [first, second] = [heldBack(), heldBack()];
    const held = [first, second];
    product.fail(
      tenantId,
      'StockReserve',
      ...held.map(({ answer }) => answer.then(() => Promise.reject(new Error('cut')))),
    );
    const placing = one.place(customer(tenantId));
    const { orderId } = await product.arrival(tenantId, 'StockReserve');
    await letLeaseRunOut(tenantId);
    const resuming = other.saga.resume(tenantId, orderId);
    await product.arrival(tenantId, 'StockReserve', 2);

    const taken = await sagaOf(tenantId);
    first.release();
    await placing;
    const { lease, ...unchanged } = await sagaOf(tenantId);
    expect(taken).toMatchObject(unchanged);
    expect(lease).toBeGreaterThan(25);
    second.release();
    await resuming;
    expect(await sagaOf(tenantId)).toMatchObject({ attempts: 1, fence: 1, step: 'RESERVE_STOCK' });
  });

  it('gets LeaseLost from each write, and the saga stays as the new holder has it', async () => {
    const { tenantId, orderId } = await pendingOrder();
    await letLeaseRunOut(tenantId);
    await runInScope({ tenantId }, async () => {
      const mine = await claimSaga(one.db, tenantId, orderId);
      expect(await claimSaga(other.db, tenantId, orderId)).toBeNull();
      await letLeaseRunOut(tenantId);
      const theirs = await claimSaga(other.db, tenantId, orderId);
      if (!mine || !theirs) throw new Error('Not claimed');
      const before = await checksumOfTenant(database.ownerUrl, tenantId);

      await expect(moveTo(one.db, mine, PASSED)).rejects.toThrow(LeaseLost);
      await expect(moveTo(one.db, mine, { ...PASSED, next: 'DONE' })).rejects.toThrow(LeaseLost);
      await postpone(one.db, mine, new Error('late'));
      expect(await checksumOfTenant(database.ownerUrl, tenantId)).toEqual(before);

      await expect(moveTo(other.db, theirs, PASSED)).resolves.toMatchObject({ step: 'AUTHORIZE_PAYMENT' });
      await expect(moveTo(other.db, theirs, { ...PASSED, next: 'RELEASE_STOCK' })).rejects.toThrow(LeaseLost);
    });
  });
});

describe('recovery', () => {
  it('skips a saga whose lease is held, and one that is done', async () => {
    const tenantId = freshTenantId();
    await one.place(customer(tenantId));
    await one.saga.settled();
    const { tenantId: held } = await pendingOrder();
    const asked = product.requests.length;
    await asOwner(database.ownerUrl, held, `UPDATE order_sagas SET lease_until = now() + interval '1 hour'`);
    await letLeaseRunOut(tenantId);
    const due = await runInScope({ task: 'saga_recovery' }, () => listDue(one.db, 100));
    expect(due.filter((saga) => [tenantId, held].includes(saga.tenantId))).toEqual([]);
    await Promise.all([one.recover(), other.recover()]);
    expect(
      product.requests.slice(asked).filter(({ caller }) => [tenantId, held].includes(caller.tenantId ?? '')),
    ).toEqual([]);
    expect((await sagaOf(held)).fence).toBe(0);
  });

  it('in two concurrent processes runs each step of each order once, in every store', async () => {
    const orders = await Promise.all(Array.from({ length: 15 }, pendingOrder));
    await Promise.all(orders.map(({ tenantId }) => letLeaseRunOut(tenantId)));
    await Promise.all([one.recover(), other.recover(), one.recover(), other.recover()]);
    for (const { tenantId, orderId } of orders) {
      expect(product.asked(orderId)).toEqual(['StockReserve', 'StockReserve', 'StockCommit']);
      expect(await sagaOf(tenantId)).toMatchObject({ step: 'DONE', finished: true, fence: 1, attempts: 0 });
      expect(await historyOf(database.ownerUrl, tenantId)).toEqual(CONFIRMED);
    }
  });

  it('continues with the others when the catalog does not answer for one store', async () => {
    const [sick, ...well] = await Promise.all(Array.from({ length: 6 }, pendingOrder));
    product.fail(sick?.tenantId ?? '', 'StockReserve', 'CUT');
    for (const { tenantId } of [sick, ...well].flatMap((order) => order ?? [])) await letLeaseRunOut(tenantId);
    await other.recover();
    for (const { tenantId } of well) expect((await sagaOf(tenantId)).finished).toBe(true);
    expect(await sagaOf(sick?.tenantId ?? '')).toMatchObject({ finished: false, attempts: 2 });
  });

  it('that is stopping claims no more sagas', async () => {
    const { tenantId } = await pendingOrder();
    await letLeaseRunOut(tenantId);
    await one.recover(AbortSignal.abort());
    expect(await sagaOf(tenantId)).toMatchObject({ fence: 0, finished: false });
  });

  it('counts what is left to do, and what has failed ten times apart', async () => {
    // A database of its own: in another, orders of other tests are left.
    const empty = await createTestDatabase('order');
    const { db, close } = await openOrderDatabase(empty.appUrl, 1);
    const metrics = new Registry();
    registerSagaMetrics(metrics, db, createLogger('order', 'silent'));
    const unfinished = async () =>
      (await metrics.getMetricsAsJSON())
        .filter(({ name }) => name === 'order_sagas_unfinished')
        .flatMap(({ values }) => values.map(({ value }) => value));
    expect(await unfinished()).toEqual([0, 0]);
    const process = await startOrderProcess(empty.appUrl, product.url);
    const tenantId = freshTenantId();
    product.fail(tenantId, 'StockReserve', 'CUT');
    await process.place(customer(tenantId));
    expect(await unfinished()).toEqual([1, 0]);
    await asOwner(empty.ownerUrl, tenantId, 'UPDATE order_sagas SET attempts = 10');
    expect(await unfinished()).toEqual([0, 1]);
    await process.close();
    await close();
    await empty.drop();
  });

  it('waits longer after each failure, up to a minute', async () => {
    const { tenantId, orderId } = await pendingOrder();
    const waits = [(await sagaOf(tenantId)).lease];
    for (let n = 0; n < 7; n += 1) {
      product.fail(tenantId, 'StockReserve', 'CUT');
      await letLeaseRunOut(tenantId);
      await one.saga.resume(tenantId, orderId);
      waits.push((await sagaOf(tenantId)).lease);
    }
    for (const [n, seconds] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
      expect(waits[n]).toBeGreaterThan(seconds - 1);
      expect(waits[n]).toBeLessThanOrEqual(seconds);
    }
    expect(await sagaOf(tenantId)).toMatchObject({ attempts: 8, last_error: expect.any(String), finished: false });
  });
});

describe('an order that the catalog never answers', () => {
  it('still waits after 9 minutes', async () => {
    const { tenantId, orderId } = await pendingOrder();
    product.fail(tenantId, 'StockReserve', 'CUT');
    await letTimePass(tenantId, 9);
    await letLeaseRunOut(tenantId);
    await one.saga.resume(tenantId, orderId);
    expect(product.asked(orderId)).toEqual(['StockReserve', 'StockReserve']);
    expect(await historyOf(database.ownerUrl, tenantId)).toEqual([[null, 'PENDING']]);
  });

  it('is canceled after 10 minutes: its stock is released, and a repeat under its key gets the refusal', async () => {
    const tenantId = freshTenantId();
    product.fail(tenantId, 'StockReserve', 'LOST');
    const orderId = await one.place(customer(tenantId));
    expect(product.statusOf(tenantId, orderId)).toBe('RESERVED');
    await letTimePass(tenantId, 10);
    await letLeaseRunOut(tenantId);
    await one.recover();
    expect(product.asked(orderId)).toEqual(['StockReserve', 'StockRelease']);
    expect(product.statusOf(tenantId, orderId)).toBe('RELEASED');
    const canceled = [
      [null, 'PENDING'],
      ['PENDING', 'CANCELED'],
    ];
    expect(await historyOf(database.ownerUrl, tenantId)).toEqual(canceled);
    const [saga] = await asOwner(database.ownerUrl, tenantId, 'SELECT refusal FROM order_sagas');
    expect(saga).toMatchObject({ refusal: [{ field: ['input', 'lines'], code: 'INVALID' }] });
  });

  it('is requested once even after the deadline when no attempt was made before, because a process crashed', async () => {
    const { tenantId, orderId } = await pendingOrder();
    await asOwner(database.ownerUrl, tenantId, 'UPDATE order_sagas SET attempts = 0');
    await letTimePass(tenantId, 60);
    await letLeaseRunOut(tenantId);
    await one.saga.resume(tenantId, orderId);
    expect(await historyOf(database.ownerUrl, tenantId)).toEqual(CONFIRMED);
  });
});
