import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { openProductDatabase, type Tx } from '../../product/database';
import { freshTenantId } from '../test/askSubgraph';
import { asOwner } from '../test/asOwner';
import { confirmed, deliveredEvent } from '../test/eventHarness';
import type { EventConsumer } from './consumer';
import type { DomainEvent } from './domainEvent';
import { processEvents } from './inbox';

let database: TestDatabase;
let product: Awaited<ReturnType<typeof openProductDatabase>>;

beforeAll(async () => {
  database = await createTestDatabase('product');
  product = await openProductDatabase(database.appUrl, 4);
});
afterAll(async () => {
  await product?.close();
  await database?.drop();
});

/** Adds up the sold quantities, and fails for the poison message. */
const counting = (isCommutative = false): EventConsumer<Tx> => ({
  name: 'product.sales',
  isCommutative,
  effects: {
    'order.confirmed': async (tx, { tenantId, data: { lines } }) => {
      const [line] = lines;
      await tx.$executeRaw`
        INSERT INTO product_sales AS known VALUES (${tenantId}, ${line?.productId}, ${line?.quantity})
        ON CONFLICT (tenant_id, product_id) DO UPDATE SET sold_quantity = known.sold_quantity + EXCLUDED.sold_quantity`;
      if (line?.productId === 'prod_poison') throw new Error('the effect fails');
    },
  },
});

const bought = (
  tenantId: string,
  orderId: string,
  version: number,
  more: Partial<DomainEvent> = {},
  productId = 'prod_1',
) => deliveredEvent(tenantId, confirmed(orderId, version, productId), more);

const take = (events: DomainEvent[], consumer = counting()) => processEvents(product.db, consumer, events);

const rowsOf = <Row extends object>(tenantId: string, sql: string) => asOwner<Row>(database.ownerUrl, tenantId, sql);
async function soldIn(tenantId: string): Promise<number> {
  const sql = 'SELECT coalesce(sum(sold_quantity), 0)::int AS sold FROM product_sales';
  const [row] = await rowsOf<{ sold: number }>(tenantId, sql);
  return row?.sold ?? 0;
}
/** How many transactions have written into the inbox. */
async function countTransactions(tenantId: string): Promise<number> {
  const [row] = await rowsOf<{ count: number }>(
    tenantId,
    'SELECT count(DISTINCT xmin::text)::int AS count FROM inbox_events',
  );
  return row?.count ?? 0;
}

describe('a batch of events', () => {
  it('has its effects one after another, in one transaction', async () => {
    const tenantId = freshTenantId();
    const events = [
      bought(tenantId, 'ord_1', 1),
      bought(tenantId, 'ord_2', 1),
      bought(tenantId, 'ord_1', 2, { previousVersion: 1 }),
      bought(tenantId, 'ord_1', 3, { previousVersion: 2 }),
    ];
    expect(await take(events)).toEqual(['applied', 'applied', 'applied', 'applied']);
    expect(await soldIn(tenantId)).toBe(4);
    expect(await countTransactions(tenantId)).toBe(1);
    const versions = 'SELECT aggregate_id AS id, version::int FROM inbox_aggregates ORDER BY 1';
    expect(await rowsOf(tenantId, versions)).toEqual([
      { id: 'ord_1', version: 3 },
      { id: 'ord_2', version: 1 },
    ]);
  });

  it('has all other effects when one of its events fails', async () => {
    const tenantId = freshTenantId();
    const events = [
      bought(tenantId, 'ord_1', 1),
      bought(tenantId, 'ord_2', 1, {}, 'prod_poison'),
      bought(tenantId, 'ord_3', 1, { type: 'order.teleported' }),
      bought(tenantId, 'ord_4', 1),
    ];
    expect(await take(events)).toEqual(['applied', 'waiting', 'parked', 'applied']);
    expect(await soldIn(tenantId)).toBe(2);
    expect(await take(events)).toEqual(['repeated', 'repeated', 'repeated', 'repeated']);
    expect(await soldIn(tenantId)).toBe(2);
  });

  it('is processed without repeats, of earlier events and within the batch', async () => {
    const tenantId = freshTenantId();
    const [first, second] = [bought(tenantId, 'ord_1', 1), bought(tenantId, 'ord_2', 1)];
    expect(await take([first])).toEqual(['applied']);
    expect(await take([first, second, second])).toEqual(['repeated', 'applied', 'repeated']);
    expect(await soldIn(tenantId)).toBe(2);
  });

  it('has events wait for a missing predecessor, and only those of its aggregate', async () => {
    const tenantId = freshTenantId();
    const events = [bought(tenantId, 'ord_1', 3, { previousVersion: 2 }), bought(tenantId, 'ord_2', 1)];
    expect(await take(events)).toEqual(['waiting', 'applied']);
    expect(await soldIn(tenantId)).toBe(1);
  });

  it('has outdated events after a later one, except for a commutative consumer', async () => {
    const [strict, late] = [freshTenantId(), freshTenantId()];
    const events = (tenantId: string) => [bought(tenantId, 'ord_1', 2), bought(tenantId, 'ord_1', 1)];
    expect(await take(events(strict))).toEqual(['applied', 'outdated']);
    expect(await take(events(late), counting(true))).toEqual(['applied', 'applied']);
    expect([await soldIn(strict), await soldIn(late)]).toEqual([1, 2]);
  });

  it('has one effect for each event when it is delivered twice concurrently', async () => {
    const tenantId = freshTenantId();
    const events = Array.from({ length: 10 }, (_, n) => bought(tenantId, `ord_${n}`, 1));
    const outcomes = (await Promise.all([take(events), take([...events].reverse())])).flat();
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(10);
    expect(await soldIn(tenantId)).toBe(10);
  });
});
