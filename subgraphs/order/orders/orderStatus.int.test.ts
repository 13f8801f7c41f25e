import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { newId } from '../../shared/ids';
import { runInScope } from '../../shared/scope';
import { freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { type Db, openOrderDatabase, type Tx } from '../database';
import { changeFinancialStatus, changeFulfillmentStatus, changeStatus, TRANSITIONS } from './orderStatus';

let database: TestDatabase;
let db: Db;
let close: () => Promise<void>;

beforeAll(async () => {
  database = await createTestDatabase('order');
  ({ db, close } = await openOrderDatabase(database.appUrl, 2));
});
afterAll(async () => {
  await close();
  await database?.drop();
});

const CHANGES = {
  status: changeStatus,
  financialStatus: changeFinancialStatus,
  fulfillmentStatus: changeFulfillmentStatus,
};
const KINDS = {
  status: 'STATUS',
  financialStatus: 'FINANCIAL_STATUS',
  fulfillmentStatus: 'FULFILLMENT_STATUS',
} as const;
type Kind = keyof typeof KINDS;

const ALLOWED = (Object.keys(KINDS) as Kind[]).flatMap((kind) =>
  Object.entries<readonly string[]>(TRANSITIONS[kind]).flatMap(([from, all]) =>
    all.map((to) => [kind, from, to] as const),
  ),
);
const CONFIRMED = { status: 'CONFIRMED', financialStatus: 'PENDING', fulfillmentStatus: 'UNFULFILLED' };
const WHO = { actorId: 'user_1', impersonatorId: 'user_2', reason: 'why' };

/** An order in a new store, at version 1. */
async function orderThatIs(changes: Partial<Record<Kind, string>>) {
  const [tenantId, orderId] = [freshTenantId(), newId('ord')];
  const { status, financialStatus, fulfillmentStatus } = { ...CONFIRMED, ...changes };
  await asOwner(
    database.ownerUrl,
    tenantId,
    `INSERT INTO orders (tenant_id, id, number, email, shipping_address, payment_method, status, financial_status, fulfillment_status, updated_at)
     VALUES ($1, $2, 1, 'ada@example.com', '{}', 'TEST', $3, $4, $5, now())`,
    [tenantId, orderId, status, financialStatus, fulfillmentStatus],
  );
  return { tenantId, orderId };
}

type Key = Awaited<ReturnType<typeof orderThatIs>>;

const change = (key: Key, kind: Kind, to: { from?: string; to: string; cancelReason?: string }): Promise<boolean> =>
  runInScope(key, () =>
    db.$transaction((tx) =>
      (CHANGES[kind] as (tx: Tx, change: object) => Promise<boolean>)(tx, { ...key, ...WHO, ...to }),
    ),
  );

const read = ({ tenantId, orderId }: Key) =>
  runInScope({ tenantId }, () =>
    db.order.findFirstOrThrow({ where: { tenantId, id: orderId }, include: { history: true } }),
  );

/** Changes by the payment provider do not increment the version: no client gets STALE_VERSION because of them. */
const inBackground: readonly string[] = ['AUTHORIZED', 'PARTIALLY_PAID', 'PAID', 'VOIDED'];

it.each(ALLOWED)("an order's %s goes from %s to %s, and its history says so", async (kind, from, to) => {
  // The fulfillment status that the new status requires.
  const required = kind === 'status' && to === 'FULFILLED' ? { fulfillmentStatus: 'FULFILLED' } : {};
  const key = await orderThatIs({ ...required, [kind]: from });
  expect(await change(key, kind, { from, to })).toBe(true);
  const order = await read(key);
  expect(order).toMatchObject({ [kind]: to, version: inBackground.includes(to) ? 1 : 2 });
  expect(order.history).toMatchObject([{ id: expect.stringMatching(/^ohis_/), kind: KINDS[kind], from, to, ...WHO }]);
});

it('a cancellation stores its reason', async () => {
  const key = await orderThatIs({});
  await change(key, 'status', { from: 'CONFIRMED', to: 'CANCELED', cancelReason: 'why' });
  expect(await read(key)).toMatchObject({ status: 'CANCELED', cancelReason: 'why', version: 2 });
});

it.each<[string, Partial<Record<Kind, string>>, Kind, { from?: string; to: string }]>([
  ['after a concurrent one', { status: 'CANCELED' }, 'status', { from: 'CONFIRMED', to: 'FULFILLED' }],
  ['to PAID, of a voided payment', { financialStatus: 'VOIDED' }, 'financialStatus', { to: 'PAID' }],
  [
    'from PENDING, of a payment that is authorized',
    { financialStatus: 'AUTHORIZED' },
    'financialStatus',
    { from: 'PENDING', to: 'PAID' },
  ],
  [
    'to CANCELED, of a fulfilled order',
    { fulfillmentStatus: 'FULFILLED' },
    'status',
    { from: 'CONFIRMED', to: 'CANCELED' },
  ],
  [
    'to CANCELED, of a partially fulfilled order',
    { fulfillmentStatus: 'PARTIALLY_FULFILLED' },
    'status',
    { from: 'CONFIRMED', to: 'CANCELED' },
  ],
  [
    'to FULFILLED, of a partially fulfilled order',
    { fulfillmentStatus: 'PARTIALLY_FULFILLED' },
    'status',
    { from: 'CONFIRMED', to: 'FULFILLED' },
  ],
])('a change %s returns false, and writes nothing', async (_what, as, kind, to) => {
  const key = await orderThatIs(as);
  expect(await change(key, kind, to)).toBe(false);
  expect(await read(key)).toMatchObject({ ...CONFIRMED, ...as, version: 1, history: [] });
});

it.each([
  ['PENDING', 'PAID'],
  ['AUTHORIZED', 'PAID'],
  ['PARTIALLY_REFUNDED', 'REFUNDED'],
])('without `from`, a change finds the financial status %s before %s', async (financialStatus, to) => {
  const key = await orderThatIs({ financialStatus });
  expect(await change(key, 'financialStatus', { to })).toBe(true);
  expect((await read(key)).history).toMatchObject([{ from: financialStatus, to }]);
});
