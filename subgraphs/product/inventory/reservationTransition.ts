import type { Actor } from '../../shared/callerContext';
import type { Db, Tx } from '../database';
import { Prisma, type ReservationStatus, type StockMovementKind } from '../generated/prisma/client';
import { crossesThreshold, STOCK_CHANGES, type StockChange, stockChange } from './stockStatements';
import { withThresholdEvents } from './thresholdEvents';

/** A change of a reservation's status: its type in the ledger, and what each unit adds to the variant's quantities. */
export interface ReservationTransition {
  from: ReservationStatus;
  to: ReservationStatus;
  movement: StockMovementKind;
  available: -1 | 0 | 1;
  reserved: -1 | 0 | 1;
  /** Applies to expired reservations only, by the database's clock. */
  onlyExpired?: boolean;
}

export const COMMIT: ReservationTransition = {
  from: 'RESERVED',
  to: 'COMMITTED',
  movement: 'SALE',
  available: 0,
  reserved: -1,
};
export const RELEASE: ReservationTransition = {
  from: 'RESERVED',
  to: 'RELEASED',
  movement: 'RELEASE',
  available: 1,
  reserved: -1,
};
export const EXPIRE: ReservationTransition = { ...RELEASE, to: 'EXPIRED', onlyExpired: true };
/** Reserves again for an expired reservation, if there is still enough stock. */
export const RESERVE_AGAIN: ReservationTransition = {
  from: 'EXPIRED',
  to: 'RESERVED',
  movement: 'RESERVATION',
  available: -1,
  reserved: 1,
};
/** An expired reservation holds no stock: only its status changes. */
export const RELEASE_EXPIRED: ReservationTransition = {
  from: 'EXPIRED',
  to: 'RELEASED',
  movement: 'RELEASE',
  available: 0,
  reserved: 0,
};
/** Returns everything that was sold and has not been returned before. */
export const RETURN_ALL: ReservationTransition = {
  from: 'COMMITTED',
  to: 'RELEASED',
  movement: 'RETURN',
  available: 1,
  reserved: 0,
};

/** The order whose stock changes, and who changes it. */
export interface OrderStock extends Actor {
  tenantId: string;
  orderId: string;
}

interface TransitionResult {
  /** False when the reservation was not in the transition's initial status, or there was too little stock. */
  applied: boolean;
  /** Ids of the variants with too little stock. */
  short: string[];
  crosses: boolean;
  changes: StockChange[];
}

/**
 * Changes all of an order's stock, or nothing. Locks the variants in id order to avoid deadlocks, then the reservation, whose status
 * decides which of two concurrent transitions is applied. A variant that was deleted meanwhile is skipped, unless the transition
 * takes stock from it.
 */
export const transitionReservation = (
  db: Db,
  order: OrderStock,
  transition: ReservationTransition,
): Promise<TransitionResult> =>
  withThresholdEvents(db, (within, mayCross) => applyTransition(within, order, transition, mayCross));

async function applyTransition(
  db: Db | Tx,
  { tenantId, orderId, actorId, impersonatorId }: OrderStock,
  { from, to, movement, available, reserved, onlyExpired = false }: ReservationTransition,
  mayCross: boolean,
): Promise<TransitionResult> {
  const takesStock = available < 0;
  const sign = available === 0 ? reserved : available;
  const [result] = await db.$queryRaw<TransitionResult[]>`
    WITH locked AS (
      SELECT v.id, v.available, v.reserved, v.stock_version, v.inventory_policy, q.quantity, ${crossesThreshold(Prisma.sql`${available}::int * q.quantity`)} AS crosses
      FROM stock_reservation_lines l JOIN product_variants v ON v.tenant_id = l.tenant_id AND v.id = l.variant_id,
        LATERAL (SELECT l.quantity - l.returned_quantity AS quantity) AS q
      WHERE l.tenant_id = ${tenantId} AND l.order_id = ${orderId}
      ORDER BY v.id FOR NO KEY UPDATE OF v, l
    ), checked AS (
      SELECT l.variant_id, coalesce(locked.crosses, false) AS crosses, NOT ${takesStock}
        OR coalesce(locked.available >= locked.quantity OR locked.inventory_policy = 'CONTINUE', false) AS enough
      FROM stock_reservation_lines l LEFT JOIN locked ON locked.id = l.variant_id
      WHERE l.tenant_id = ${tenantId} AND l.order_id = ${orderId}
    ), total AS (
      SELECT coalesce(bool_and(enough), true) AS enough, coalesce(bool_or(crosses), false) AND NOT ${mayCross} AS crosses
      FROM checked
    ), transitioned AS (
      UPDATE stock_reservations r
      SET status = ${to}::"ReservationStatus", expires_at = now() + interval '15 minutes', updated_at = now()
      FROM total
      WHERE r.tenant_id = ${tenantId} AND r.order_id = ${orderId} AND r.status = ${from}::"ReservationStatus"
        AND total.enough AND NOT total.crosses AND (NOT ${onlyExpired} OR r.expires_at <= now())
      RETURNING r.order_id
    ), stock AS (
      UPDATE product_variants v SET available = locked.available + ${available}::int * locked.quantity,
        reserved = locked.reserved + ${reserved}::int * locked.quantity, stock_version = locked.stock_version + 1
      FROM locked, transitioned WHERE v.tenant_id = ${tenantId} AND v.id = locked.id AND ${sign !== 0}
      RETURNING ${stockChange(Prisma.sql`${available}::int * locked.quantity`)} AS change
    ), ledger AS (
      INSERT INTO stock_movements (tenant_id, id, variant_id, kind, quantity, order_id, actor_id, impersonator_id)
      SELECT ${tenantId}, new_id('smov'), locked.id, ${movement}::"StockMovementKind", ${sign}::int * locked.quantity, ${orderId}, ${actorId}, ${impersonatorId}
      FROM locked, transitioned WHERE locked.quantity > 0 AND ${sign !== 0}
    )
    SELECT EXISTS (SELECT FROM transitioned) AS applied, ARRAY(SELECT variant_id FROM checked WHERE NOT enough ORDER BY 1) AS short,
      total.crosses, ${STOCK_CHANGES} AS changes
    FROM total`;
  if (!result) throw new Error('An aggregate has one row');
  return result;
}

/** Null when the order has never reserved stock and was not canceled. */
export async function findReservationStatus(
  db: Db,
  { tenantId, orderId }: OrderStock,
): Promise<ReservationStatus | null> {
  const reservation = await db.stockReservation.findFirst({ where: { tenantId, orderId }, select: { status: true } });
  return reservation?.status ?? null;
}
