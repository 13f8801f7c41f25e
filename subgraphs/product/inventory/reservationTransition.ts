import type { Actor } from '../../shared/callerContext';
import type { Db, Tx } from '../database';
import { Prisma, type ReservationStatus, type StockMovementKind } from '../generated/prisma/client';
import { type StockChange, withThresholdEvents } from './stockLevels';

/** What an order's stock becomes: from which status to which, with which entry in the ledger, and what it does to the numbers. */
export interface Settlement {
  from: ReservationStatus;
  to: ReservationStatus;
  movement: StockMovementKind;
  available: -1 | 0 | 1;
  reserved: -1 | 0 | 1;
  /** Only when the reservation's time is over, by the database's clock. */
  onlyExpired?: boolean;
}

export const COMMIT: Settlement = {
  from: 'RESERVED',
  to: 'COMMITTED',
  movement: 'SALE',
  available: 0,
  reserved: -1,
};
export const RELEASE: Settlement = {
  from: 'RESERVED',
  to: 'RELEASED',
  movement: 'RELEASE',
  available: 1,
  reserved: -1,
};
export const EXPIRE: Settlement = { ...RELEASE, to: 'EXPIRED', onlyExpired: true };
/** What expired before it was sold is taken anew, where it is still there. */
export const TAKE_ANEW: Settlement = {
  from: 'EXPIRED',
  to: 'RESERVED',
  movement: 'RESERVATION',
  available: -1,
  reserved: 1,
};
/** An order that expired holds nothing any more: it is only marked. */
export const RELEASE_EXPIRED: Settlement = {
  from: 'EXPIRED',
  to: 'RELEASED',
  movement: 'RELEASE',
  available: 0,
  reserved: 0,
};
/** What was sold comes back, but for what has come back before. */
export const TAKE_BACK: Settlement = {
  from: 'COMMITTED',
  to: 'RELEASED',
  movement: 'RETURN',
  available: 1,
  reserved: 0,
};

export interface OrderStock extends Actor {
  tenantId: string;
  orderId: string;
}

/**
 * All of an order's stock in one statement, or nothing: the variants are locked first and in the order of their ids, as
 * everywhere, then the reservation, whose status decides which of two racing settlements happens. A variant that has been
 * deleted since is passed over, unless stock is taken from it.
 * @returns whether it happened, and the variants of which there was too little.
 */
export const settle = (db: Db, order: OrderStock, settlement: Settlement): Promise<Settled> =>
  withThresholdEvents(db, (within, mayCross) => settleOnce(within, order, settlement, mayCross));

interface Settled {
  happened: boolean;
  short: string[];
  crosses: boolean;
  changes: StockChange[];
}

async function settleOnce(
  db: Db | Tx,
  { tenantId, orderId, actorId, impersonatorId }: OrderStock,
  { from, to, movement, available, reserved, onlyExpired = false }: Settlement,
  mayCross: boolean,
): Promise<Settled> {
  const takes = available < 0;
  const sign = available === 0 ? reserved : available;
  const [outcome] = await db.$queryRaw<Settled[]>`
    WITH locked AS (
      SELECT v.id, v.available, v.reserved, v.stock_version, v.inventory_policy, q.quantity, ${crossesLevel(Prisma.sql`${available}::int * q.quantity`)} AS crosses
      FROM stock_reservation_lines l JOIN product_variants v ON v.tenant_id = l.tenant_id AND v.id = l.variant_id,
        LATERAL (SELECT l.quantity - l.returned_quantity AS quantity) AS q
      WHERE l.tenant_id = ${tenantId} AND l.order_id = ${orderId}
      ORDER BY v.id FOR NO KEY UPDATE OF v, l
    ), decided AS (
      SELECT l.variant_id, coalesce(locked.crosses, false) AS crosses, NOT ${takes}
        OR coalesce(locked.available >= locked.quantity OR locked.inventory_policy = 'CONTINUE', false) AS enough
      FROM stock_reservation_lines l LEFT JOIN locked ON locked.id = l.variant_id
      WHERE l.tenant_id = ${tenantId} AND l.order_id = ${orderId}
    ), verdict AS (
      SELECT coalesce(bool_and(enough), true) AS enough, coalesce(bool_or(crosses), false) AND NOT ${mayCross} AS crosses
      FROM decided
    ), turned AS (
      UPDATE stock_reservations r
      SET status = ${to}::"ReservationStatus", expires_at = now() + interval '15 minutes', updated_at = now()
      FROM verdict
      WHERE r.tenant_id = ${tenantId} AND r.order_id = ${orderId} AND r.status = ${from}::"ReservationStatus"
        AND verdict.enough AND NOT verdict.crosses AND (NOT ${onlyExpired} OR r.expires_at <= now())
      RETURNING r.order_id
    ), stock AS (
      UPDATE product_variants v SET available = locked.available + ${available}::int * locked.quantity,
        reserved = locked.reserved + ${reserved}::int * locked.quantity, stock_version = locked.stock_version + 1
      FROM locked, turned WHERE v.tenant_id = ${tenantId} AND v.id = locked.id AND ${sign !== 0}
      RETURNING ${stockChange(Prisma.sql`${available}::int * locked.quantity`)} AS change
    ), ledger AS (
      INSERT INTO stock_movements (tenant_id, id, variant_id, kind, quantity, order_id, actor_id, impersonator_id)
      SELECT ${tenantId}, new_id('smov'), locked.id, ${movement}::"StockMovementKind", ${sign}::int * locked.quantity, ${orderId}, ${actorId}, ${impersonatorId}
      FROM locked, turned WHERE locked.quantity > 0 AND ${sign !== 0}
    )
    SELECT EXISTS (SELECT FROM turned) AS happened, ARRAY(SELECT variant_id FROM decided WHERE NOT enough ORDER BY 1) AS short,
      verdict.crosses, ${STOCK_CHANGES} AS changes
    FROM verdict`;
  if (!outcome) throw new Error('An aggregate has one row');
  return outcome;
}

/** What an order holds; null when it has never asked, and was never called off. */
export async function statusOf(db: Db, { tenantId, orderId }: OrderStock): Promise<ReservationStatus | null> {
  const reservation = await db.stockReservation.findFirst({ where: { tenantId, orderId }, select: { status: true } });
  return reservation?.status ?? null;
}

/** The values of an UPDATE's or an INSERT's rows, side by side, as a table. */
export const quantitiesAsked = (lines: { variantId: string; quantity: number }[]) =>
  Prisma.sql`unnest(${lines.map(({ variantId }) => variantId)}::text[], ${lines.map(({ quantity }) => quantity)}::int[]) AS asked (variant_id, quantity)`;

/** Whether a variant `v`, as it is under its lock, is led over a level by a change of its `available`. */
export const crossesLevel = (change: Prisma.Sql) => Prisma.sql`
  ((v.available > 0) <> (v.available + ${change} > 0)
    OR coalesce(v.available > v.low_stock_threshold AND v.available + ${change} <= v.low_stock_threshold, false))`;

/** A {@link StockChange} of the variant `v` that a statement has updated. */
export const stockChange = (change: Prisma.Sql) => Prisma.sql`
  jsonb_build_object('variantId', v.id, 'productId', v.product_id, 'sku', v.sku, 'before', v.available - ${change},
    'after', v.available, 'lowStockThreshold', v.low_stock_threshold, 'inventoryPolicy', v.inventory_policy,
    'stockVersion', v.stock_version)`;

/** The changes that a statement's part `stock` has made. */
export const STOCK_CHANGES = Prisma.sql`coalesce((SELECT jsonb_agg(change) FROM stock), '[]')`;
