import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { openProductDatabase, type Tx } from '../../product/database';
import { createLogger } from '../log';
import { freshTenantId } from '../test/askSubgraph';
import { asOwner } from '../test/asOwner';
import { confirmed, deliveredEvent } from '../test/eventHarness';
import type { EventConsumer } from './consumer';
import type { DomainEvent } from './domainEvent';
import { MAX_ATTEMPTS, processEvent } from './inbox';
import { retryDue } from './inboxRetries';
import { pruneEvents } from './pruning';
import { redrive } from './redrive';

const logger = createLogger('test', 'silent');
let database: TestDatabase;
let product: Awaited<ReturnType<typeof openProductDatabase>>;

beforeAll(async () => {
  database = await createTestDatabase('product');
  product = await openProductDatabase(database.appUrl, 10);
});
afterAll(async () => {
  await product?.close();
  await database?.drop();
});

/** Adds up the sold quantities in a table. */
const counting = (more: Partial<EventConsumer<Tx>> = {}): EventConsumer<Tx> => ({
  name: 'product.sales',
  isCommutative: false,
  effects: {
    'order.confirmed': async (tx, { tenantId, data }) => {
      await tx.$executeRaw`
        INSERT INTO product_sales AS known VALUES (${tenantId}, ${data.lines[0]?.productId}, ${data.lines[0]?.quantity})
        ON CONFLICT (tenant_id, product_id) DO UPDATE SET sold_quantity = known.sold_quantity + EXCLUDED.sold_quantity`;
    },
  },
  ...more,
});

const event = (tenantId: string, version: number, previousVersion: number | null, quantity = 1) =>
  deliveredEvent(tenantId, confirmed('ord_1', version, 'prod_1', quantity), { previousVersion });

const take = (it: DomainEvent, consumer = counting()) => processEvent(product.db, consumer, it);
const retry = (consumer = counting()) => retryDue(product.db, [consumer], logger);

async function soldIn(tenantId: string): Promise<number> {
  const [row] = await asOwner<{ sold: number }>(
    database.ownerUrl,
    tenantId,
    'SELECT coalesce(sum(sold_quantity), 0)::int AS sold FROM product_sales WHERE tenant_id = $1',
    [tenantId],
  );
  return row?.sold ?? 0;
}
const inboxOf = (tenantId: string) =>
  asOwner<{ status: string; attempts: number; lastError: string | null }>(
    database.ownerUrl,
    tenantId,
    `SELECT status, attempts, last_error AS "lastError" FROM inbox_events WHERE tenant_id = $1 ORDER BY received_at`,
    [tenantId],
  );
/** Lets time pass: makes the retries due, and the events older by `seconds`. */
const wait = (tenantId: string, seconds = 0) =>
  asOwner(
    database.ownerUrl,
    tenantId,
    `UPDATE inbox_events SET due_at = now(), received_at = received_at - make_interval(secs => $2)
     WHERE tenant_id = $1 AND status = 'WAITING'`,
    [tenantId, seconds],
  );

const broken: EventConsumer<Tx> = counting({
  effects: {
    'order.confirmed': async (tx, it) => {
      await counting().effects['order.confirmed']?.(tx, it);
      throw new Error('the effect fails');
    },
  },
});

describe('an event that is delivered', () => {
  it('rolls back a failed effect, is retried, and is dead after MAX_ATTEMPTS', async () => {
    const tenantId = freshTenantId();
    const poison = event(tenantId, 1, null);
    expect(await take(poison, broken)).toBe('waiting');
    expect(await soldIn(tenantId)).toBe(0);
    for (let attempt = 2; attempt <= MAX_ATTEMPTS; attempt += 1) {
      await wait(tenantId);
      await retry(broken);
    }
    expect(await inboxOf(tenantId)).toEqual([
      { status: 'DEAD', attempts: MAX_ATTEMPTS, lastError: 'Error: the effect fails' },
    ]);
    expect(await soldIn(tenantId)).toBe(0);
  });

  it('has its effect by a retry once the cause of the failure is fixed', async () => {
    const tenantId = freshTenantId();
    await take(event(tenantId, 1, null), broken);
    await wait(tenantId);
    await retry();
    expect(await inboxOf(tenantId)).toEqual([{ status: 'APPLIED', attempts: 1, lastError: null }]);
    expect(await soldIn(tenantId)).toBe(1);
  });

  it('does not delay other events while it fails', async () => {
    const tenantId = freshTenantId();
    await take(event(tenantId, 1, null), broken);
    expect(await take(deliveredEvent(tenantId, confirmed('ord_2', 1, 'prod_1')))).toBe('applied');
    expect(await soldIn(tenantId)).toBe(1);
  });

  it.each<[string, Partial<DomainEvent>]>([
    ['of an unknown type', { type: 'order.teleported' }],
    ['with data of a future version', { dataVersion: 2 }],
  ])('is parked as a whole when it is %s', async (_what, more) => {
    const tenantId = freshTenantId();
    const future = { ...event(tenantId, 1, null), ...more };
    expect(await take(future)).toBe('parked');
    const [row] = await asOwner<{ status: string; event: DomainEvent }>(
      database.ownerUrl,
      tenantId,
      'SELECT status, event FROM inbox_events WHERE tenant_id = $1',
      [tenantId],
    );
    expect(row).toEqual({ status: 'PARKED', event: future });
  });

  it('waits when its data do not match the catalog, and its error names no value', async () => {
    const tenantId = freshTenantId();
    const data = { number: 1, total: { amount: 'secret', currencyCode: 'USD' }, lines: [] };
    expect(await take({ ...event(tenantId, 1, null), data })).toBe('waiting');
    const [row] = await inboxOf(tenantId);
    expect(row?.lastError).toBe('Error: not a order.confirmed: check total.amount');
  });

  it('has one effect when it is delivered ten times concurrently', async () => {
    const tenantId = freshTenantId();
    const it = event(tenantId, 1, null);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => take(it)));
    expect(outcomes.sort()).toEqual(['applied', ...Array(9).fill('repeated')]);
    expect(await soldIn(tenantId)).toBe(1);
  });

  it('has its effect in each consumer', async () => {
    const tenantId = freshTenantId();
    const it = event(tenantId, 1, null);
    const other = counting({ name: 'other' as 'product.sales' });
    expect(await Promise.all([take(it), take(it, other)])).toEqual(['applied', 'applied']);
    expect(await soldIn(tenantId)).toBe(2);
  });

  it('is outdated after a later one of its aggregate, except for a commutative consumer', async () => {
    const tenantId = freshTenantId();
    await take(event(tenantId, 5, null, 10));
    expect(await take(event(tenantId, 4, 3))).toBe('outdated');
    expect(await soldIn(tenantId)).toBe(10);
    expect(await take(event(tenantId, 3, 2), counting({ isCommutative: true }))).toBe('applied');
    expect(await soldIn(tenantId)).toBe(11);
  });
});

describe('an event that is delivered before its predecessor', () => {
  it('waits for it', async () => {
    const tenantId = freshTenantId();
    await take(event(tenantId, 1, null, 1));
    expect(await take(event(tenantId, 3, 2, 100))).toBe('waiting');
    await wait(tenantId);
    await retry();
    expect(await soldIn(tenantId)).toBe(1);
    await take(event(tenantId, 2, 1, 10));
    await wait(tenantId);
    await retry();
    expect(await soldIn(tenantId)).toBe(111);
    expect(await inboxOf(tenantId)).toMatchObject([{ attempts: 0 }, { status: 'APPLIED', attempts: 0 }, {}]);
  });

  it('waits for no longer than the timeout, and not for one before its predecessor', async () => {
    const tenantId = freshTenantId();
    expect(await take(event(tenantId, 3, 2, 100))).toBe('waiting');
    await wait(tenantId, 29);
    await retry();
    expect(await soldIn(tenantId)).toBe(0);
    await wait(tenantId, 2);
    await retry();
    expect(await soldIn(tenantId)).toBe(100);
    expect(await take(event(tenantId, 2, 1, 10))).toBe('outdated');
  });

  it('is retried by one of several processes', async () => {
    const tenantId = freshTenantId();
    await take(event(tenantId, 1, null), broken);
    await wait(tenantId);
    await Promise.all([retry(), retry(), retry(), retry()]);
    expect(await soldIn(tenantId)).toBe(1);
  });
});

describe('a redrive', () => {
  it('retries dead and parked events, in the given store and in no other', async () => {
    const [tenantId, other] = [freshTenantId(), freshTenantId()];
    for (const id of [tenantId, other]) {
      await take(event(id, 1, null), broken);
      await asOwner(
        database.ownerUrl,
        id,
        `UPDATE inbox_events SET status = 'DEAD', due_at = NULL, attempts = 8 WHERE tenant_id = $1`,
        [id],
      );
    }
    expect(await redrive(product.db, tenantId)).toEqual({ inbox: 1, outbox: 0 });
    await retry();
    expect([await soldIn(tenantId), await soldIn(other)]).toEqual([1, 0]);
    await redrive(product.db, null);
    await retry();
    expect([await soldIn(tenantId), await soldIn(other)]).toEqual([1, 1]);
  });
});

describe('pruning', () => {
  const age = (tenantId: string, order: string, days: number) =>
    asOwner(
      database.ownerUrl,
      tenantId,
      `WITH events AS (UPDATE inbox_events SET received_at = now() - make_interval(days => $2)
         WHERE event_id LIKE $1 || '%')
       UPDATE inbox_aggregates SET updated_at = now() - make_interval(days => $2) WHERE aggregate_id = $1`,
      [order, days],
    );
  const left = async (tenantId: string) => {
    const rows = await asOwner<{ id: string }>(
      database.ownerUrl,
      tenantId,
      'SELECT event_id AS id FROM inbox_events UNION ALL SELECT aggregate_id FROM inbox_aggregates ORDER BY 1',
    );
    return rows.map(({ id }) => id);
  };

  it('deletes events and aggregates that no replay can need, and no others', async () => {
    const tenantId = freshTenantId();
    for (const order of ['ord_old', 'ord_young']) {
      await take(deliveredEvent(tenantId, confirmed(order, 1, 'prod_1'), { id: `${order}_1` }));
    }
    await age(tenantId, 'ord_old', 101);
    await age(tenantId, 'ord_young', 95);
    expect(await pruneEvents(product.db)).toBe(2);
    expect(await left(tenantId)).toEqual(['ord_young', 'ord_young_1']);
    // Events that can still be replayed are recognized as repeats.
    expect(await take(deliveredEvent(tenantId, confirmed('ord_young', 1, 'prod_1'), { id: 'ord_young_1' }))).toBe(
      'repeated',
    );
  });
});
