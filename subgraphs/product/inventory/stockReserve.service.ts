import { payload, refusal, type UserError, UserErrors } from '../../shared/userErrors';
import { IS_ON_SALE } from '../catalog/onSale';
import { lineageOf } from '../category/lineage';
import type { Context } from '../context';
import type { Db, Tx } from '../database';
import { Prisma, type StockReservationLine } from '../generated/prisma/client';
import type { StockErrorCode, StockReserveLine } from '../generated/resolvers';
import { findReservationStatus, type OrderStock, RESERVE_AGAIN, transitionReservation } from './reservationTransition';
import { crossesThreshold, requestedLines, type StockChange, stockChange } from './stockStatements';
import { withThresholdEvents } from './thresholdEvents';

type ReservedLine = Omit<StockReservationLine, 'tenantId' | 'orderId' | 'returnedQuantity' | 'imageFileId'>;

/** A requested line and its variant's row. All but the request is null when the variant is not on sale. */
interface CheckedLine extends ReservedLine {
  onSale: boolean;
  enough: boolean;
  crosses: boolean;
  /** Null when nothing was reserved. */
  change: StockChange | null;
}

/** Reserves stock for an order, all lines or none. A repeat returns the same lines and extends the reservation. */
export function stockReserve(ctx: Context, orderId: string, lines: StockReserveLine[]) {
  const order = { tenantId: ctx.tenantId, orderId, ...ctx.actor };
  return payload<'lines', ReservedLine[], StockErrorCode>('lines', async () => {
    const result = await withThresholdEvents(ctx.db, (db, mayCross) => reserve(db, order, lines, mayCross));
    if (result.changes.length > 0) return result.lines;
    const reserved = await reserveAgain(ctx, order);
    if (reserved === null) throw new UserErrors(...result.lines.flatMap(lineErrors));
    return reserved;
  });
}

/**
 * One statement for all lines. Locks the variants in id order to avoid deadlocks, and writes only when there is enough stock of each.
 * The order's row is inserted last: of two concurrent requests for one order, the second finds the first one's row and reserves
 * nothing.
 */
async function reserve(
  db: Db | Tx,
  { tenantId, orderId, actorId, impersonatorId }: OrderStock,
  requested: StockReserveLine[],
  mayCross: boolean,
) {
  const lines = await db.$queryRaw<CheckedLine[]>`
    WITH locked AS (
      SELECT v.id, v.product_id, p.name, v.sku, v.option_values, shown.image, p.tax_class, v.weight_grams, v.requires_shipping,
        p.tags, ${lineageOf(tenantId, Prisma.sql`p.id`)} AS category_ids, v.price_amount, v.currency_code, v.available, v.reserved, v.stock_version, requested.quantity,
        v.available >= requested.quantity OR v.inventory_policy = 'CONTINUE' AS enough,
        ${crossesThreshold(Prisma.sql`-requested.quantity`)} AND NOT ${mayCross} AS crosses
      FROM ${requestedLines(requested)}
      JOIN product_variants v ON v.tenant_id = ${tenantId} AND v.id = requested.variant_id
      JOIN products p ON p.tenant_id = v.tenant_id AND p.id = v.product_id AND ${IS_ON_SALE}
      LEFT JOIN LATERAL (
        SELECT jsonb_build_object('url', i.url, 'fileId', i.file_id, 'contentType', i.content_type, 'width', i.width,
          'height', i.height, 'altText', i.alt_text) AS image
        FROM product_images i WHERE i.tenant_id = v.tenant_id AND i.product_id = v.product_id
        ORDER BY i.id = v.image_id DESC NULLS LAST, i.position LIMIT 1
      ) AS shown ON true
      ORDER BY v.id FOR NO KEY UPDATE OF v
    ), checked AS (
      SELECT locked.*, bool_and(enough) OVER () AND count(*) OVER () = ${requested.length} AS all_enough,
        bool_or(crosses) OVER () AS any_crosses
      FROM locked
    ), reservation AS (
      INSERT INTO stock_reservations (tenant_id, order_id, status)
      SELECT ${tenantId}, ${orderId}, 'RESERVED'::"ReservationStatus" FROM checked WHERE all_enough AND NOT any_crosses LIMIT 1
      ON CONFLICT DO NOTHING RETURNING order_id
    ), lines AS (
      INSERT INTO stock_reservation_lines
        (tenant_id, order_id, variant_id, product_id, product_name, product_sku, option_values, image, image_file_id,
         weight_grams, requires_shipping, unit_price_amount, currency_code, quantity, tax_class, tags, category_ids)
      SELECT ${tenantId}, order_id, id, product_id, name, sku, option_values, image, image->>'fileId', weight_grams, requires_shipping,
        price_amount, currency_code, quantity, tax_class, tags, category_ids
      FROM checked, reservation
    ), ledger AS (
      INSERT INTO stock_movements (tenant_id, id, variant_id, kind, quantity, order_id, actor_id, impersonator_id)
      SELECT ${tenantId}, new_id('smov'), id, 'RESERVATION', -quantity, order_id, ${actorId}, ${impersonatorId} FROM checked, reservation
    ), stock AS (
      UPDATE product_variants v SET available = checked.available - checked.quantity,
        reserved = checked.reserved + checked.quantity, stock_version = checked.stock_version + 1
      FROM checked, reservation WHERE v.tenant_id = ${tenantId} AND v.id = checked.id
      RETURNING v.id, ${stockChange(Prisma.sql`-checked.quantity`)} AS change
    )
    SELECT requested.variant_id AS "variantId", requested.quantity, product_id AS "productId", name AS "productName",
      sku AS "productSku", option_values AS "optionValues", image, weight_grams AS "weightGrams",
      requires_shipping AS "requiresShipping", price_amount AS "unitPriceAmount", tax_class AS "taxClass",
      currency_code AS "currencyCode", tags, category_ids AS "categoryIds", checked.id IS NOT NULL AS "onSale",
      coalesce(enough, false) AS enough, coalesce(all_enough AND any_crosses, false) AS crosses, change
    FROM ${requestedLines(requested)}
    LEFT JOIN checked ON checked.id = requested.variant_id LEFT JOIN stock ON stock.id = checked.id
    ORDER BY 1`;
  return {
    lines,
    changes: lines.flatMap(({ change }) => change ?? []),
    crosses: lines.some(({ crosses }) => crosses),
  };
}

/**
 * Extends an order's reservation to 15 minutes from now. An expired one is made again, if there is still enough stock.
 * @returns null when the order has reserved nothing yet.
 */
async function reserveAgain(ctx: Context, order: OrderStock): Promise<ReservedLine[] | null> {
  const { tenantId, orderId } = order;
  await ctx.db.$executeRaw`
    UPDATE stock_reservations SET expires_at = now() + interval '15 minutes', updated_at = now()
    WHERE tenant_id = ${tenantId} AND order_id = ${orderId} AND status = 'RESERVED'`;
  const status = await findReservationStatus(ctx.db, order);
  if (status === null) return null;
  if (status === 'RELEASED') throw refusal<StockErrorCode>(['orderId'], 'RELEASED', 'This order was canceled.');
  if (status === 'EXPIRED') {
    const { short } = await transitionReservation(ctx.db, order, RESERVE_AGAIN);
    if (short.length > 0) throw new UserErrors(...short.map(insufficientStock));
  }
  return ctx.db.stockReservationLine.findMany({ where: { tenantId, orderId }, orderBy: { variantId: 'asc' } });
}

function lineErrors({ variantId, onSale, enough }: CheckedLine): UserError<StockErrorCode>[] {
  if (!onSale) return [{ field: ['lines', variantId], code: 'NOT_FOUND', message: 'No such variant on sale.' }];
  return enough ? [] : [insufficientStock(variantId)];
}

/** The message names no quantity: shoppers read it, and a store may hide its stock from them. */
const insufficientStock = (variantId: string): UserError<StockErrorCode> => ({
  field: ['lines', variantId],
  code: 'INSUFFICIENT_STOCK',
  message: 'Fewer are left than were asked for.',
});
