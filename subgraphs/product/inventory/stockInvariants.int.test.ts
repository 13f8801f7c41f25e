import fc from 'fast-check';
import { createLogger } from '../../shared/log';
import { admin, freshTenantId, service } from '../../shared/test/askSubgraph';
import { asOwner } from '../../shared/test/asOwner';
import { openProductDatabase } from '../database';
import { makeProduct } from '../test/factories';
import { startTestSubgraph } from '../test/startTestSubgraph';
import { expireReservations } from './reservationExpiry';

let product: Awaited<ReturnType<typeof startTestSubgraph>>;
let database: Awaited<ReturnType<typeof openProductDatabase>>;

beforeAll(async () => {
  product = await startTestSubgraph();
  database = await openProductDatabase(product.appUrl, 4);
});
afterAll(async () => {
  await database?.close();
  await product?.close();
});

const VARIANTS = 3;
const ORDERS = 5;
const CONCURRENCY = 8;

const order = fc.integer({ min: 0, max: ORDERS - 1 });
const variant = fc.integer({ min: 0, max: VARIANTS - 1 });
const few = fc.integer({ min: 1, max: 4 });
const lines = fc.uniqueArray(fc.record({ variant, quantity: few }), {
  selector: (line) => line.variant,
  minLength: 1,
  maxLength: VARIANTS,
});
/** Everything that can happen to a store's stock, in any order and repeatedly. */
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('reserve' as const), order, lines }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('commit' as const), order }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), order }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('expire' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('return' as const), order, lines, key: few }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('adjust' as const),
      variant,
      delta: fc.integer({ min: -5, max: 5 }),
      key: few,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      variant,
      quantityOnHand: fc.integer({ min: 0, max: 9 }),
      key: few,
    }),
  },
);
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

/** The invariants: one row for each variant that violates them. */
const FAULTS = `
  SELECT v.sku, v.available, v.reserved, l.available AS ledger_available, l.on_hand AS ledger_on_hand, h.held
  FROM product_variants v
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(quantity) FILTER (WHERE kind <> 'SALE'), 0) AS available,
      coalesce(sum(quantity) FILTER (WHERE kind IN ('ADJUSTMENT', 'SALE', 'RETURN')), 0) AS on_hand
    FROM stock_movements m WHERE m.tenant_id = v.tenant_id AND m.variant_id = v.id) AS l
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(quantity), 0) AS held FROM stock_reservation_lines s JOIN stock_reservations r USING (tenant_id, order_id)
    WHERE s.tenant_id = v.tenant_id AND s.variant_id = v.id AND r.status = 'RESERVED') AS h
  WHERE v.available <> l.available OR v.available + v.reserved <> l.on_hand OR v.reserved <> h.held
    OR (v.available < 0 AND v.inventory_policy = 'DENY')`;

const SENT = {
  reserve: `mutation ($orderId: ID!, $lines: [StockReserveLine!]!) { stockReserve(orderId: $orderId, lines: $lines) { userErrors { code } } }`,
  commit: 'mutation ($orderId: ID!) { stockCommit(orderId: $orderId) { outcome } }',
  release: 'mutation ($orderId: ID!) { stockRelease(orderId: $orderId) { changed } }',
  return: `mutation ($orderId: ID!, $key: ID!, $lines: [StockReturnLine!]!) {
    stockReturn(orderId: $orderId, returnId: $key, lines: $lines) { userErrors { code } } }`,
  adjust: 'mutation ($input: InventoryAdjustInput!) { inventoryAdjust(input: $input) { userErrors { code } } }',
  set: 'mutation ($input: InventorySetInput!) { inventorySet(input: $input) { userErrors { code } } }',
};

async function run(tenantId: string, variantIds: string[], what: Action): Promise<void> {
  const ask = async (caller: typeof admin, query: string, variables: Record<string, unknown>) => {
    const { errors } = await product.ask(caller(tenantId), query, variables);
    // No caller ever gets a deadlock or a violated constraint.
    expect(errors).toBeUndefined();
  };
  const named = (of: { variant: number; quantity: number }[]) =>
    of.map(({ variant: index, quantity }) => ({ variantId: variantIds[index], quantity }));
  switch (what.do) {
    case 'reserve':
    case 'return': {
      const key = what.do === 'return' ? `return_${what.key}` : undefined;
      return ask(service, SENT[what.do], { orderId: `ord_${what.order}`, lines: named(what.lines), key });
    }
    case 'commit':
    case 'release':
      return ask(service, SENT[what.do], { orderId: `ord_${what.order}` });
    case 'adjust':
    case 'set': {
      const { do: kind, variant: index, key, ...amount } = what;
      const input = { ...amount, variantId: variantIds[index], reason: 'Counted', idempotencyKey: `${kind}_${key}` };
      return ask(admin, SENT[kind], { input });
    }
    case 'expire': {
      await asOwner(product.ownerUrl, tenantId, 'UPDATE stock_reservations SET expires_at = now()');
      await expireReservations(database.db, createLogger('product', 'silent'));
    }
  }
}

it('stock equals the sum of its ledger and is never negative, under any concurrent purchases, cancels, returns, expiries and counts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 32 }), fc.boolean(), async (story, backorder) => {
      const tenantId = freshTenantId('stock');
      const variantIds: string[] = [];
      for (let n = 0; n < VARIANTS; n += 1)
        variantIds.push(
          (
            await makeProduct(product, admin(tenantId), {
              variants: [{ sku: `V${n}`, price: { amount: '1', currencyCode: 'USD' }, quantityOnHand: 4 }],
            })
          ).variantId,
        );
      const sql = "UPDATE product_variants SET inventory_policy = 'CONTINUE', low_stock_threshold = 2 WHERE id = $1";
      if (backorder) await asOwner(product.ownerUrl, tenantId, sql, [variantIds[0]]);
      for (let at = 0; at < story.length; at += CONCURRENCY) {
        await Promise.all(story.slice(at, at + CONCURRENCY).map((what) => run(tenantId, variantIds, what)));
        expect(await asOwner(product.ownerUrl, tenantId, FAULTS)).toEqual([]);
      }
    }),
    { numRuns: 10, endOnFailure: true },
  );
}, 60_000);
