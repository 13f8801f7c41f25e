import { type Service, withClient } from '../../prisma/databases';

/** The answers that clients got, and the initial stock: the databases have to agree with them. */
export interface Promised {
  /** The orders that were answered, with their idempotency keys. */
  orders: { key: string; orderId: string; status: string }[];
  /** The ids of orders whose cancellation was answered. */
  canceled: string[];
  /** The initial stock, by variant. */
  stock: Map<string, number>;
}

export interface Violation {
  rule: keyof typeof RULES;
  /** Null when the violation does not concern a single order. */
  orderId: string | null;
  detail: string;
}

/** URLs of a superuser, who also sees rows that row-level security would hide. */
type Databases = Record<Service, string>;

/** The invariants that must hold after any kills, once all orders are finished. */
const RULES = {
  'an acknowledged order exists once': acknowledgedOnce,
  'a terminal order holds no reservation': nothingReserved,
  'on hand + sold = start': stockAddsUp,
  'money matches the orders': moneyMatches,
  'no saga is unfinished after 60 s': sagasFinished,
  'the outbox is drained': outboxDrained,
};

/** Finds all violations of the invariants, from the databases only. */
export async function findViolations(databases: Databases, promised: Promised): Promise<Violation[]> {
  const found = await Promise.all(
    Object.entries(RULES).map(async ([rule, check]) =>
      (await check(databases, promised)).map(({ orderId = null, detail }) => ({
        rule: rule as Violation['rule'],
        orderId,
        detail,
      })),
    ),
  );
  return found.flat();
}

/** How many sagas and events are unfinished. */
export async function countUnsettled(databases: Databases): Promise<number> {
  const counts = await Promise.all([
    rowsOf(
      databases.order,
      `
      SELECT (SELECT count(*) FROM order_sagas WHERE finished_at IS NULL)
        + (SELECT count(*) FROM order_refunds WHERE finished_at IS NULL) AS n`,
    ),
    ...Object.values(databases).map((url) =>
      rowsOf(
        url,
        `
      SELECT (SELECT count(*) FROM outbox_events WHERE status = 'PENDING')
        + (SELECT count(*) FROM inbox_events WHERE status = 'WAITING') AS n`,
      ),
    ),
  ]);
  return counts.flat().reduce((sum, { n }) => sum + Number(n), 0);
}

type Found = { orderId?: string; detail: string }[];

async function acknowledgedOnce({ order }: Databases, { orders, canceled }: Promised): Promise<Found> {
  const rows = await rowsOf(
    order,
    `
    SELECT o.id, o.status::text, array_agg(k.key) FILTER (WHERE k.key IS NOT NULL) AS keys
    FROM orders o LEFT JOIN idempotency_keys k
      ON k.tenant_id = o.tenant_id AND k.order_id = o.id AND k.operation = 'orderCreate'
    GROUP BY o.tenant_id, o.id`,
  );
  const byId = new Map(rows.map((row) => [row.id as string, row]));
  const callersCancellations = new Set(canceled);
  const found: Found = [];
  for (const { id, keys } of rows) {
    // Each key belongs to one order and each order to one key, so an order without a key is a duplicate.
    if (keys?.length !== 1) found.push({ orderId: id, detail: `has ${keys?.length ?? 0} keys` });
  }
  for (const { key, orderId, status } of orders) {
    const row = byId.get(orderId);
    if (!row?.keys?.includes(key)) found.push({ orderId, detail: row ? `is not what ${key} stands for` : 'is gone' });
    else if (status === 'CONFIRMED' && row.status === 'CANCELED' && !callersCancellations.has(orderId)) {
      found.push({ orderId, detail: 'was answered as CONFIRMED, and is CANCELED though nobody asked' });
    } else if (status === 'CANCELED' && row.status !== 'CANCELED') {
      found.push({ orderId, detail: `was refused, and is ${row.status}` });
    } else if (row.status === 'PENDING') found.push({ orderId, detail: 'is still PENDING' });
  }
  for (const orderId of canceled) {
    const status = byId.get(orderId)?.status;
    if (status !== 'CANCELED') found.push({ orderId, detail: `was canceled, and is ${status}` });
  }
  return found;
}

async function nothingReserved({ order, product }: Databases): Promise<Found> {
  const [orders, reservations] = await Promise.all([
    rowsOf(
      order,
      `
      SELECT o.id, o.status::text, s.restock, s.finished_at IS NOT NULL AS finished
      FROM orders o LEFT JOIN order_sagas s ON s.tenant_id = o.tenant_id AND s.order_id = o.id`,
    ),
    rowsOf(product, 'SELECT order_id, status::text FROM stock_reservations'),
  ]);
  const byOrder = new Map(reservations.map(({ order_id, status }) => [order_id, status]));
  const known = new Set(orders.map(({ id }) => id));
  const strangers = reservations.filter(({ order_id }) => !known.has(order_id));
  return [
    ...strangers.map(({ order_id, status }) => ({ orderId: order_id, detail: `is ${status}, and no order` })),
    ...orders.flatMap(({ id, status, restock, finished }) => {
      if (!finished) return [];
      const expected = status === 'CANCELED' && restock ? 'RELEASED' : 'COMMITTED';
      const actual = byOrder.get(id) ?? 'none';
      return actual === expected ? [] : [{ orderId: id, detail: `is ${status}, and its reservation ${actual}` }];
    }),
  ];
}

/** Compares the stock on hand in the catalog with the quantities sold by the orders. */
async function stockAddsUp({ order, product }: Databases, { stock }: Promised): Promise<Found> {
  const [onHand, sold, back, ledger] = await Promise.all([
    rowsOf(product, 'SELECT id, available, reserved FROM product_variants'),
    rowsOf(
      order,
      `
      SELECT i.variant_id AS id, sum(i.quantity)::int AS n
      FROM order_items i
      JOIN orders o ON o.tenant_id = i.tenant_id AND o.id = i.order_id
      JOIN order_sagas s ON s.tenant_id = o.tenant_id AND s.order_id = o.id
      WHERE o.status IN ('CONFIRMED', 'FULFILLED') OR (o.status = 'CANCELED' AND NOT s.restock)
      GROUP BY 1`,
    ),
    rowsOf(
      order,
      `
      SELECT i.variant_id AS id, sum((line->>'quantity')::int)::int AS n
      FROM order_refunds r
      CROSS JOIN jsonb_array_elements(r.lines) AS line
      JOIN orders o ON o.tenant_id = r.tenant_id AND o.id = r.order_id AND o.status <> 'CANCELED'
      JOIN order_items i ON i.tenant_id = r.tenant_id AND i.order_id = r.order_id AND i.position = (line->>'position')::int
      WHERE r.restock AND r.status = 'SUCCEEDED' AND r.finished_at IS NOT NULL
      GROUP BY 1`,
    ),
    rowsOf(
      product,
      `
      SELECT variant_id AS id, coalesce(sum(quantity) FILTER (WHERE kind IN ('ADJUSTMENT', 'SALE', 'RETURN')), 0)::int AS n
      FROM stock_movements GROUP BY 1`,
    ),
  ]);
  const counted = (rows: Row[]) => new Map(rows.map(({ id, n }) => [id as string, Number(n)]));
  const [soldBy, backBy, ledgerBy] = [counted(sold), counted(back), counted(ledger)];
  return onHand.flatMap(({ id, available, reserved }) => {
    const hand = available + reserved;
    const out = (soldBy.get(id) ?? 0) - (backBy.get(id) ?? 0);
    const start = stock.get(id);
    const faults: string[] = [];
    if (available < 0 || reserved !== 0) faults.push(`available ${available}, reserved ${reserved}`);
    if (start !== undefined && hand + out !== start) faults.push(`on hand ${hand} + sold ${out} is not ${start}`);
    if (ledgerBy.get(id) !== hand) faults.push(`its ledger comes to ${ledgerBy.get(id)}, on hand are ${hand}`);
    return faults.map((fault) => ({ detail: `${id}: ${fault}` }));
  });
}

async function moneyMatches({ order }: Databases): Promise<Found> {
  const rows = await rowsOf(
    order,
    `
    SELECT o.id, o.status::text, o.financial_status::text, o.total_amount, p.status::text AS payment, p.amount,
      p.captured_amount AS captured, p.refunded_amount AS refunded, s.refund,
      (SELECT coalesce(sum(amount), 0) FROM payment_transactions t
        WHERE t.tenant_id = p.tenant_id AND t.payment_id = p.id AND kind = 'CAPTURE' AND succeeded) AS captures,
      (SELECT coalesce(sum(amount), 0) FROM payment_transactions t
        WHERE t.tenant_id = p.tenant_id AND t.payment_id = p.id AND kind = 'REFUND' AND succeeded) AS refunds,
      (SELECT coalesce(sum(amount), 0) FROM order_refunds r
        WHERE r.tenant_id = o.tenant_id AND r.order_id = o.id AND r.status <> 'FAILED') AS asked_back
    FROM orders o
    JOIN order_sagas s ON s.tenant_id = o.tenant_id AND s.order_id = o.id AND s.finished_at IS NOT NULL
    LEFT JOIN payments p ON p.tenant_id = o.tenant_id AND p.order_id = o.id`,
  );
  return rows.flatMap((row) => faultsOfMoney(row).map((detail) => ({ orderId: row.id, detail })));
}

/** In minor units, as PostgreSQL writes them. */
function faultsOfMoney(row: Row): string[] {
  const { status, financial_status: financial, payment, refund } = row;
  const [total, amount, captured, refunded] = [row.total_amount, row.amount, row.captured, row.refunded].map(Number);
  const faults: string[] = [];
  const must = (holds: boolean, fault: string) => void (holds || faults.push(fault));
  if (status !== 'CANCELED') must(payment !== null, `is ${status}, and has no payment`);
  if (payment === null) return faults;
  must(amount === total, `costs ${total}, and is to be paid with ${amount}`);
  must((captured ?? 0) - (refunded ?? 0) >= 0, `${refunded} of ${captured} went back`);
  must(Number(row.captures) === captured, `captured ${captured}, and by its ledger ${row.captures}`);
  must(Number(row.refunds) === refunded, `refunded ${refunded}, and by its ledger ${row.refunds}`);
  must(Number(row.asked_back) === refunded, `refunded ${refunded}, and by its refunds ${row.asked_back}`);
  if (status === 'CANCELED') {
    must(!refund || captured === refunded, `is CANCELED, and keeps ${captured} - ${refunded}`);
    must(['VOIDED', 'FAILED', 'CAPTURED'].includes(payment), `is CANCELED, and its payment ${payment}`);
  } else {
    must(
      payment === 'CAPTURED' && captured === total,
      `costs ${total}, and its payment is ${payment} with ${captured}`,
    );
    const expected = refunded === 0 ? 'PAID' : refunded === captured ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
    must(financial === expected, `is ${financial}, and should be ${expected}`);
  }
  return faults;
}

async function sagasFinished({ order }: Databases): Promise<Found> {
  const rows = await rowsOf(
    order,
    `
    SELECT order_id AS id, step::text, attempts, last_error FROM order_sagas
    WHERE finished_at IS NULL AND step_started_at < now() - interval '60 seconds'
    UNION ALL
    SELECT order_id, 'refund ' || id, attempts, last_error FROM order_refunds
    WHERE finished_at IS NULL AND created_at < now() - interval '60 seconds'`,
  );
  return rows.map(({ id, step, attempts, last_error }) => ({
    orderId: id,
    detail: `has been at ${step} for over a minute, ${attempts} attempts, ${last_error}`,
  }));
}

async function outboxDrained(databases: Databases): Promise<Found> {
  const counts = await Promise.all(
    Object.entries(databases).map(async ([service, url]) => {
      const [row] = await rowsOf(
        url,
        `
        SELECT (SELECT count(*)::int FROM outbox_events WHERE status <> 'PUBLISHED') AS outbox,
          (SELECT count(*)::int FROM inbox_events WHERE status <> 'APPLIED') AS inbox`,
      );
      return { service, outbox: row?.outbox, inbox: row?.inbox };
    }),
  );
  return counts
    .filter(({ outbox, inbox }) => outbox > 0 || inbox > 0)
    .map(({ service, outbox, inbox }) => ({
      detail: `${service}: ${outbox} events not published, ${inbox} not processed`,
    }));
}

// biome-ignore lint/suspicious/noExplicitAny: the columns are those of each statement.
type Row = Record<string, any>;

const rowsOf = (url: string, sql: string): Promise<Row[]> =>
  withClient(url, async (client) => {
    await client.query("SET statement_timeout = '20s'");
    return (await client.query(sql)).rows;
  });
