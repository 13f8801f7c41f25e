import { createTestDatabase, type TestDatabase } from '../../../prisma/testDatabase';
import { createLogger } from '../../shared/log';
import { customer, freshTenantId } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { type OrderProcess, startOrderProcess } from '../test/orderProcess';
import { ProductStandIn } from '../test/productStandIn';
import { checkAuthorizations } from './authorizationExpiry';
import { paymentProviders } from './paymentProviders';

let database: TestDatabase;
let product: ProductStandIn;
let one: OrderProcess;

beforeAll(async () => {
  database = await createTestDatabase('order');
  product = await ProductStandIn.start();
  one = await startOrderProcess(database.appUrl, product.url);
});
afterAll(async () => {
  await one?.close();
  await product?.close();
  await database?.drop();
});

const providers = paymentProviders({ production: false, stripe: null, publishableKey: null });
const checkAll = () => checkAuthorizations({ db: one.db, providers, logger: createLogger('order', 'silent') });
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
const sqlIn = (tenantId: string, sql: string) => asOwner<any>(database.ownerUrl, tenantId, sql);
const endsIn = (tenantId: string, hours: number) =>
  sqlIn(
    tenantId,
    `UPDATE payments SET authorization_expires_at = now() + interval '${hours} hours',
       authorization_check_at = now() + interval '${hours - 48} hours'`,
  );
const PAYMENT = `SELECT p.status, p.failure_code, p.flag IS NOT NULL AS flagged, o.status AS order_status, o.financial_status
  FROM payments p JOIN orders o ON o.id = p.order_id`;
const EVENTS = `SELECT type, data->'amount'->>'amount' AS amount FROM outbox_events WHERE type LIKE 'payment.%' ORDER BY position`;

/** An authorized order, of a store with MANUAL capture. */
async function authorized(): Promise<string> {
  const tenantId = freshTenantId();
  await sqlIn(tenantId, `INSERT INTO payment_settings (tenant_id, capture_mode) VALUES ('${tenantId}', 'MANUAL')`);
  await one.place(customer(tenantId));
  await one.saga.settled();
  return tenantId;
}

describe('an authorization', () => {
  it('is kept for seven days by a test payment, and is due two days before that', async () => {
    const tenantId = await authorized();
    const [row] = await sqlIn(
      tenantId,
      `SELECT round(extract(epoch FROM authorization_expires_at - now()) / 86400) AS days,
         authorization_expires_at - authorization_check_at = interval '2 days' AS told FROM payments`,
    );
    expect([Number(row.days), row.told]).toEqual([7, true]);
    expect(await checkAll()).toBe(0);
  });

  it('that is about to end is told of once, and changes nothing', async () => {
    const tenantId = await authorized();
    await endsIn(tenantId, 47);
    expect([await checkAll(), await checkAll()]).toEqual([1, 0]);
    expect(await sqlIn(tenantId, EVENTS)).toEqual([{ type: 'payment.authorization_expiring', amount: '300.00' }]);
    expect(await sqlIn(tenantId, PAYMENT)).toMatchObject([{ status: 'AUTHORIZED', flagged: false }]);
  });

  it('that has ended makes the payment VOIDED, flagged and told of; the order is for staff to decide on', async () => {
    const tenantId = await authorized();
    await endsIn(tenantId, -1);
    expect([await checkAll(), await checkAll()]).toEqual([1, 0]);
    expect(await sqlIn(tenantId, PAYMENT)).toEqual([
      {
        status: 'VOIDED',
        failure_code: 'authorization_expired',
        flagged: true,
        order_status: 'CONFIRMED',
        financial_status: 'VOIDED',
      },
    ]);
    expect(await sqlIn(tenantId, EVENTS)).toEqual([{ type: 'payment.failed', amount: '300.00' }]);
  });

  it('of the rest of a payment that has ended leaves what was captured', async () => {
    const tenantId = await authorized();
    await sqlIn(tenantId, `UPDATE payments SET status = 'PARTIALLY_CAPTURED', captured_amount = 10000`);
    await endsIn(tenantId, -1);
    await checkAll();
    expect(await sqlIn(tenantId, PAYMENT)).toMatchObject([{ status: 'CAPTURED', flagged: true }]);
    expect(await sqlIn(tenantId, EVENTS)).toEqual([{ type: 'payment.failed', amount: '200.00' }]);
  });

  it('whose provider still has it, or is not set up any more, is asked about again later', async () => {
    const [held, unknown] = [await authorized(), await authorized()];
    for (const tenantId of [held, unknown]) await endsIn(tenantId, -1);
    // No answer yet, and no provider: neither says that it has ended.
    await sqlIn(held, 'UPDATE payments SET authorization_expires_at = NULL');
    await sqlIn(unknown, `UPDATE payments SET provider = 'STRIPE'`);
    expect([await checkAll(), await checkAll()]).toEqual([2, 0]);
    for (const tenantId of [held, unknown]) {
      expect(await sqlIn(tenantId, PAYMENT)).toMatchObject([{ status: 'AUTHORIZED', flagged: false }]);
    }
  });
});
