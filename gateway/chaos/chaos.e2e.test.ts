import { join } from 'node:path';
import { type Service, withClient } from '../../prisma/databases';
import { DATA_FOLDER } from '../dev/localPlatform';
import { ChaosPlatform, type Victim } from './chaosPlatform';
import { ChaosRun, type Outcome } from './chaosRun';
import { findViolations } from './invariants';

/** A few of the kills of `npm run chaos`: each service once, before or after its work. */
const KILLS: [string, Victim][] = [
  ['after RESERVE_STOCK', 'order'],
  ['after CONFIRM', 'postgres'],
  ['before RELEASE_STOCK', 'product'],
];

let platform: ChaosPlatform;
let run: ChaosRun;
let outcome: Outcome;

beforeAll(async () => {
  platform = await ChaosPlatform.start(join(DATA_FOLDER, 'chaos-test-postgres'));
  run = await ChaosRun.begin(platform, 8, { hurry: true });
  for (const [boundary, victim] of KILLS) await run.kill(boundary, victim);
  outcome = await run.end();
  await platform.stopServices();
}, 120_000);
afterAll(() => platform?.stop(), 60_000);

it('when a service or PostgreSQL is killed between two steps, every confirmed order exists once, and all invariants hold', () => {
  expect(outcome).toMatchObject({ violations: [], complaints: [] });
  for (const { orders } of outcome.kills) expect(orders.length).toBeGreaterThan(0);
  expect(outcome.acknowledged).toBeGreaterThan(5);
});

describe('the check', () => {
  const sql = (service: Service, statement: string, ...values: unknown[]) =>
    withClient(platform.databases[service], (client) => client.query(statement, values));

  /** Checks that the violation made by a statement is found, then rolls it back. */
  async function brokenBy(service: Service, table: string, change: string): Promise<string[]> {
    await sql(service, `CREATE TABLE as_it_was AS SELECT * FROM ${table}`);
    // Generated columns can't be written: PostgreSQL works them out again.
    const { rows } = await sql(
      service,
      `SELECT string_agg(quote_ident(attname), ', ') AS columns FROM pg_attribute
       WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`,
      table,
    );
    const [{ columns }] = rows;
    try {
      await sql(service, change);
      const found = await findViolations(platform.databases, run.load.promised);
      return [...new Set(found.map(({ rule }) => rule))];
    } finally {
      await sql(
        service,
        `BEGIN; SET LOCAL session_replication_role = replica;
        DELETE FROM ${table}; INSERT INTO ${table} (${columns}) SELECT ${columns} FROM as_it_was; DROP TABLE as_it_was; COMMIT`,
      );
    }
  }

  const ONE = {
    confirmed: `(SELECT id FROM orders WHERE status = 'CONFIRMED' AND financial_status = 'PAID' ORDER BY id LIMIT 1)`,
    canceled: `(SELECT order_id FROM stock_reservations WHERE status = 'RELEASED' ORDER BY order_id LIMIT 1)`,
    sold: `(SELECT order_id FROM stock_reservations WHERE status = 'COMMITTED' ORDER BY order_id LIMIT 1)`,
    paid: `(SELECT id FROM payments WHERE status = 'CAPTURED' AND refunded_amount = 0 ORDER BY id LIMIT 1)`,
  };

  it.each<[string, string, Service, string, string]>([
    [
      'an order that is gone',
      'an acknowledged order exists once',
      'order',
      'orders',
      `SET session_replication_role = replica; DELETE FROM orders WHERE id = ${ONE.confirmed}`,
    ],
    [
      'a second order of one request',
      'an acknowledged order exists once',
      'order',
      'orders',
      `INSERT INTO orders SELECT (jsonb_populate_record(o, '{"id": "ord_second", "number": 999999}')).* FROM orders o WHERE id = ${ONE.confirmed}`,
    ],
    [
      'an order that was canceled though it was confirmed',
      'an acknowledged order exists once',
      'order',
      'orders',
      `UPDATE orders SET status = 'CANCELED' WHERE id = ${ONE.confirmed}`,
    ],
    [
      'stock reserved for an order that was canceled',
      'a terminal order holds no reservation',
      'product',
      'stock_reservations',
      `UPDATE stock_reservations SET status = 'RESERVED' WHERE order_id = ${ONE.canceled}`,
    ],
    [
      'stock that was never taken for a confirmed order',
      'a terminal order holds no reservation',
      'product',
      'stock_reservations',
      `UPDATE stock_reservations SET status = 'RELEASED' WHERE order_id = ${ONE.sold}`,
    ],
    [
      'one pair more than there can be',
      'on hand + sold = start',
      'product',
      'product_variants',
      'UPDATE product_variants SET available = available + 1',
    ],
    [
      'a line that was sold twice',
      'on hand + sold = start',
      'order',
      'order_items',
      `UPDATE order_items SET quantity = quantity + 1 WHERE order_id = ${ONE.confirmed}`,
    ],
    [
      'more money taken back than came',
      'money matches the orders',
      'order',
      'payments',
      `SET session_replication_role = replica; ALTER TABLE payments DROP CONSTRAINT payments_refunded_amount_check;
       UPDATE payments SET refunded_amount = captured_amount + 1 WHERE id = ${ONE.paid}`,
    ],
    [
      'a payment that was not captured',
      'money matches the orders',
      'order',
      'payments',
      `UPDATE payments SET status = 'AUTHORIZED' WHERE id = ${ONE.paid}`,
    ],
    [
      'a capture that its ledger has twice',
      'money matches the orders',
      'order',
      'payment_transactions',
      `INSERT INTO payment_transactions SELECT (jsonb_populate_record(t, '{"id": "ptx_second", "idempotency_key": "second"}')).*
       FROM payment_transactions t WHERE kind = 'CAPTURE' AND payment_id = ${ONE.paid}`,
    ],
    [
      'a saga that nobody goes on with',
      'no saga is unfinished after 60 s',
      'order',
      'order_sagas',
      `UPDATE order_sagas SET finished_at = NULL, step_started_at = now() - interval '61 seconds'
       WHERE order_id = ${ONE.confirmed}`,
    ],
    [
      'an event that was never published',
      'the outbox is drained',
      'order',
      'outbox_events',
      `UPDATE outbox_events SET status = 'PENDING', published_at = NULL WHERE position = (SELECT min(position) FROM outbox_events)`,
    ],
  ])('finds %s', async (_what, rule, service, table, change) => {
    expect(await brokenBy(service, table, change)).toContain(rule);
    expect(await findViolations(platform.databases, run.load.promised)).toEqual([]);
  });

  it('finds an order or a cancellation that was answered but never written', async () => {
    const { promised } = run.load;
    const orders = [...promised.orders, { key: 'chaos-order-x', orderId: 'ord_x', status: 'CONFIRMED' }];
    const found = await findViolations(platform.databases, {
      ...promised,
      orders,
      canceled: [...promised.canceled, 'ord_y'],
    });
    expect(found).toMatchObject([{ orderId: 'ord_x' }, { orderId: 'ord_y' }]);
  });
});
