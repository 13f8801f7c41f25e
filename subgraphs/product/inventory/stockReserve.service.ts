import { payload, UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Db, Tx } from '../database';
import { Prisma, type StockReservationLine } from '../generated/prisma/client';
import type { StockErrorCode, StockReserveLine } from '../generated/resolvers';
import {
  crossesLevel,
  type OrderStock,
  quantitiesAsked,
  settle,
  statusOf,
  stockChange,
  TAKE_ANEW,
} from './reservationTransition';
import { type StockChange, withThresholdEvents } from './stockLevels';

type ReservedLine = Omit<StockReservationLine, 'tenantId' | 'orderId' | 'returnedQuantity'>;

/** What the database found of a line that was asked for. */
interface FoundLine extends ReservedLine {
  onSale: boolean;
  enough: boolean;
  crosses: boolean;
  change: StockChange | null;
}

/** Takes stock for an order, all lines or none. A repeat is answered with the same lines, and holds them for longer. */
export function stockReserve(ctx: Context, orderId: string, lines: StockReserveLine[]) {
  const order = { tenantId: ctx.tenantId, orderId, ...ctx.actor };
  return payload<'lines', ReservedLine[], StockErrorCode>('lines', async () => {
    const { taken, found } = await withThresholdEvents(ctx.db, (db, mayCross) => takeStock(db, order, lines, mayCross));
    if (taken) return found;
    return (await reservedBefore(ctx, order)) ?? refuse(found);
  });
}

/**
 * One statement for all lines. It locks the variants in the order of their ids, sees them as they are under the lock, and
 * writes only when there is enough of each. The order's key comes last: of two requests for one order, the second finds
 * the first one's row and takes nothing.
 */
async function takeStock(
  db: Db | Tx,
  { tenantId, orderId, actorId, impersonatorId }: OrderStock,
  lines: StockReserveLine[],
  mayCross: boolean,
) {
  const found = await db.$queryRaw<FoundLine[]>`
    WITH locked AS (
      SELECT v.id, v.product_id, p.name, v.sku, v.price_amount, v.currency_code, v.available, v.reserved, v.stock_version,
        asked.quantity,
        v.available >= asked.quantity OR v.inventory_policy = 'CONTINUE' AS enough,
        ${crossesLevel(Prisma.sql`-asked.quantity`)} AND NOT ${mayCross} AS crosses
      FROM ${quantitiesAsked(lines)}
      JOIN product_variants v ON v.tenant_id = ${tenantId} AND v.id = asked.variant_id
      JOIN products p ON p.tenant_id = v.tenant_id AND p.id = v.product_id
      JOIN products_on_sale s ON s.tenant_id = p.tenant_id AND s.product_id = p.id
      ORDER BY v.id FOR NO KEY UPDATE OF v
    ), decided AS (
      SELECT locked.*, bool_and(enough) OVER () AND count(*) OVER () = ${lines.length} AS all_enough,
        bool_or(crosses) OVER () AS any_crosses
      FROM locked
    ), reservation AS (
      INSERT INTO stock_reservations (tenant_id, order_id, status)
      SELECT ${tenantId}, ${orderId}, 'RESERVED'::"ReservationStatus" FROM decided WHERE all_enough AND NOT any_crosses LIMIT 1
      ON CONFLICT DO NOTHING RETURNING order_id
    ), lines AS (
      INSERT INTO stock_reservation_lines
        (tenant_id, order_id, variant_id, product_id, product_name, product_sku, unit_price_amount, currency_code, quantity)
      SELECT ${tenantId}, order_id, id, product_id, name, sku, price_amount, currency_code, quantity FROM decided, reservation
    ), ledger AS (
      INSERT INTO stock_movements (tenant_id, id, variant_id, kind, quantity, order_id, actor_id, impersonator_id)
      SELECT ${tenantId}, new_id('smov'), id, 'RESERVATION', -quantity, order_id, ${actorId}, ${impersonatorId} FROM decided, reservation
    ), stock AS (
      UPDATE product_variants v SET available = decided.available - decided.quantity,
        reserved = decided.reserved + decided.quantity, stock_version = decided.stock_version + 1
      FROM decided, reservation WHERE v.tenant_id = ${tenantId} AND v.id = decided.id
      RETURNING v.id, ${stockChange(Prisma.sql`-decided.quantity`)} AS change
    )
    SELECT asked.variant_id AS "variantId", asked.quantity, product_id AS "productId", name AS "productName", sku AS "productSku",
      price_amount AS "unitPriceAmount", currency_code AS "currencyCode", decided.id IS NOT NULL AS "onSale",
      coalesce(enough, false) AS enough, coalesce(all_enough AND any_crosses, false) AS crosses, change
    FROM ${quantitiesAsked(lines)} LEFT JOIN decided ON decided.id = asked.variant_id LEFT JOIN stock ON stock.id = decided.id
    ORDER BY 1`;
  const changes = found.flatMap(({ change }) => change ?? []);
  return { found, changes, taken: changes.length > 0, crosses: found.some(({ crosses }) => crosses) };
}

/** The lines that an order holds already, for another quarter of an hour. @returns null when it holds none yet. */
async function reservedBefore(ctx: Context, order: OrderStock): Promise<ReservedLine[] | null> {
  const { tenantId, orderId } = order;
  await ctx.db.$executeRaw`
    UPDATE stock_reservations SET expires_at = now() + interval '15 minutes', updated_at = now()
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND status = 'RESERVED'`;
  const status = await statusOf(ctx.db, order);
  if (status === null) return null;
  if (status === 'RELEASED') {
    throw new UserErrors({ field: ['orderId'], code: 'RELEASED', message: 'This order was called off.' });
  }
  if (status === 'EXPIRED') {
    const { short } = await settle(ctx.db, order, TAKE_ANEW);
    if (short.length > 0) {
      throw new UserErrors(...short.map((variantId) => refusal(variantId, 'INSUFFICIENT_STOCK', 'Too few are left.')));
    }
  }
  return ctx.db.stockReservationLine.findMany({ where: { tenantId, orderId }, orderBy: { variantId: 'asc' } });
}

/** Names every line that stands in the way. */
function refuse(found: FoundLine[]): never {
  throw new UserErrors(
    ...found.flatMap(({ variantId, onSale, enough }) => {
      if (!onSale) return refusal(variantId, 'NOT_FOUND', 'No such variant on sale.');
      // A buyer reads this, also of a store that hides how many there are.
      return enough ? [] : refusal(variantId, 'INSUFFICIENT_STOCK', 'Fewer are left than were asked for.');
    }),
  );
}

const refusal = (variantId: string, code: StockErrorCode, message: string) => ({
  field: ['lines', variantId],
  code,
  message,
});
