import { payload, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Db, Tx } from '../database';
import { Prisma } from '../generated/prisma/client';
import type { StockErrorCode, StockReturnLine } from '../generated/resolvers';
import type { OrderStock } from './reservationTransition';
import { crossesThreshold, requestedLines, STOCK_CHANGES, type StockChange, stockChange } from './stockStatements';
import { withThresholdEvents } from './thresholdEvents';

/** A requested line and its variant's row. */
interface CheckedLine {
  variantId: string;
  /** How many were sold and not returned yet. */
  returnable: number;
  enough: boolean;
}

interface ReturnResult {
  lines: CheckedLine[];
  applied: boolean;
  crosses: boolean;
  changes: StockChange[];
}

/** Returns a part of an order's sold stock, all lines or none, once for each `returnId` (its idempotency key). */
export function stockReturn(ctx: Context, orderId: string, returnId: string, lines: StockReturnLine[]) {
  return payload<'changed', boolean, StockErrorCode>('changed', async () => {
    const { tenantId, actor } = ctx;
    const result = await withThresholdEvents(ctx.db, (db, mayCross) =>
      returnLines(db, { tenantId, orderId, ...actor }, returnId, lines, mayCross),
    );
    if (result.applied) return true;
    if (await ctx.db.stockReturn.findFirst({ where: { tenantId, orderId, returnId } })) return false;
    throw refusal(result.lines);
  });
}

function refusal(lines: CheckedLine[]): UserErrors<StockErrorCode> {
  const tooMany = lines.filter(({ enough }) => !enough);
  if (tooMany.length === 0) {
    return new UserErrors({ field: ['orderId'], code: 'NOT_SOLD', message: 'Nothing of this order is sold.' });
  }
  return new UserErrors<StockErrorCode>(
    ...tooMany.map(({ variantId, returnable }) => ({
      field: ['lines', variantId],
      code: 'NOT_SOLD' as const,
      message: `Only ${returnable} can be returned: the others were not sold, or were returned before.`,
    })),
  );
}

/** One statement. Locks in the same order as transitionReservation, to avoid deadlocks. */
async function returnLines(
  db: Db | Tx,
  { tenantId, orderId, actorId, impersonatorId }: OrderStock,
  returnId: string,
  lines: StockReturnLine[],
  mayCross: boolean,
): Promise<ReturnResult> {
  const [result] = await db.$queryRaw<ReturnResult[]>`
    WITH locked AS (
      SELECT v.id, v.available, v.stock_version, requested.quantity, l.quantity - l.returned_quantity AS returnable,
        ${crossesThreshold(Prisma.sql`requested.quantity`)} AS crosses
      FROM ${requestedLines(lines)}
      JOIN stock_reservation_lines l ON l.tenant_id = ${tenantId} AND l.order_id = ${orderId} AND l.variant_id = requested.variant_id
      JOIN product_variants v ON v.tenant_id = l.tenant_id AND v.id = l.variant_id
      ORDER BY v.id FOR NO KEY UPDATE OF v, l
    ), checked AS (
      SELECT requested.variant_id, requested.quantity, sold.returnable,
        requested.quantity BETWEEN 1 AND sold.returnable AS enough, crosses
      FROM ${requestedLines(lines)} LEFT JOIN locked ON locked.id = requested.variant_id
      LEFT JOIN stock_reservation_lines l ON l.tenant_id = ${tenantId} AND l.order_id = ${orderId} AND l.variant_id = requested.variant_id,
        LATERAL (SELECT coalesce(locked.returnable, l.quantity - l.returned_quantity, 0) AS returnable) AS sold
    ), total AS (
      SELECT bool_and(enough) AS enough, coalesce(bool_or(crosses), false) AND NOT ${mayCross} AS crosses FROM checked
    ), committed AS (
      UPDATE stock_reservations r SET updated_at = now() FROM total
      WHERE r.tenant_id = ${tenantId} AND r.order_id = ${orderId} AND r.status = 'COMMITTED'
        AND total.enough AND NOT total.crosses
      RETURNING r.order_id
    ), returned AS (
      INSERT INTO stock_returns (tenant_id, order_id, return_id) SELECT ${tenantId}, order_id, ${returnId} FROM committed
      ON CONFLICT DO NOTHING RETURNING order_id
    ), counted AS (
      UPDATE stock_reservation_lines l SET returned_quantity = l.returned_quantity + checked.quantity
      FROM checked, returned
      WHERE l.tenant_id = ${tenantId} AND l.order_id = returned.order_id AND l.variant_id = checked.variant_id
    ), stock AS (
      UPDATE product_variants v SET available = locked.available + locked.quantity, stock_version = locked.stock_version + 1
      FROM locked, returned WHERE v.tenant_id = ${tenantId} AND v.id = locked.id
      RETURNING ${stockChange(Prisma.sql`locked.quantity`)} AS change
    ), ledger AS (
      INSERT INTO stock_movements (tenant_id, id, variant_id, kind, quantity, order_id, actor_id, impersonator_id)
      SELECT ${tenantId}, new_id('smov'), id, 'RETURN', quantity, order_id, ${actorId}, ${impersonatorId} FROM locked, returned
    )
    SELECT (SELECT jsonb_agg(jsonb_build_object('variantId', variant_id, 'returnable', returnable, 'enough', enough)) FROM checked) AS lines,
      EXISTS (SELECT FROM returned) AS applied, total.crosses, ${STOCK_CHANGES} AS changes
    FROM total`;
  if (!result) throw new Error('An aggregate has one row');
  return result;
}
