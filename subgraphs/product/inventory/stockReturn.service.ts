import { payload, UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Db, Tx } from '../database';
import { Prisma } from '../generated/prisma/client';
import type { StockCommitOutcome, StockErrorCode, StockReturnLine } from '../generated/resolvers';
import {
  COMMIT,
  crossesLevel,
  type OrderStock,
  quantitiesAsked,
  RELEASE,
  RELEASE_EXPIRED,
  STOCK_CHANGES,
  settle,
  statusOf,
  stockChange,
  TAKE_ANEW,
  TAKE_BACK,
} from './reservationTransition';
import { type StockChange, withThresholdEvents } from './stockLevels';

const orderStock = (ctx: Context, orderId: string): OrderStock => ({
  tenantId: ctx.tenantId,
  orderId,
  ...ctx.actor,
});

/**
 * What the order has reserved leaves the shelf. A reservation that has expired is taken anew where the stock is still
 * there; of several requests at once, one does it.
 */
export async function stockCommit(ctx: Context, orderId: string): Promise<StockCommitOutcome> {
  const order = orderStock(ctx, orderId);
  for (;;) {
    if ((await settle(ctx.db, order, COMMIT)).happened) return 'COMMITTED';
    const status = await statusOf(ctx.db, order);
    if (status === 'COMMITTED') return 'ALREADY';
    if (status === 'RELEASED') return 'RELEASED';
    if (status === null) return 'LOST';
    const anew = await settle(ctx.db, order, TAKE_ANEW);
    // Too few for this order; or another request has taken them for it a moment ago.
    if (anew.short.length > 0 && (await statusOf(ctx.db, order)) === 'EXPIRED') return 'LOST';
  }
}

/**
 * Gives an order's stock back. An order that has not reserved yet is marked first, so that a request still under way
 * finds the mark and takes nothing. @returns false when there was nothing (more) to do.
 */
export async function stockRelease(ctx: Context, orderId: string): Promise<boolean> {
  const order = orderStock(ctx, orderId);
  const marked = await ctx.db.stockReservation.createMany({
    data: [{ tenantId: order.tenantId, orderId, status: 'RELEASED' }],
    skipDuplicates: true,
  });
  if (marked.count > 0) return false;
  // Each of these starts from another status, and a status that is turned in between leads to a later one of them.
  for (const settlement of [RELEASE, TAKE_BACK, RELEASE_EXPIRED, RELEASE, TAKE_BACK]) {
    if ((await settle(ctx.db, order, settlement)).happened) return settlement !== RELEASE_EXPIRED;
  }
  return false;
}

interface ReturnedLine {
  variantId: string;
  out: number;
  enough: boolean;
}

/** Puts a part of what an order bought back on the shelf, all lines or none, once for each return. */
export function stockReturn(ctx: Context, orderId: string, returnId: string, lines: StockReturnLine[]) {
  return payload<'changed', boolean, StockErrorCode>('changed', async () => {
    const order = orderStock(ctx, orderId);
    const { asked, happened } = await withThresholdEvents(ctx.db, (db, mayCross) =>
      takeBack(db, order, returnId, lines, mayCross),
    );
    if (happened) return true;
    const before = await ctx.db.stockReturn.findFirst({ where: { tenantId: ctx.tenantId, orderId, returnId } });
    if (before) return false;
    const faults = asked.filter(({ enough }) => !enough);
    if (faults.length === 0) {
      throw new UserErrors({ field: ['orderId'], code: 'NOT_SOLD', message: 'Nothing of this order is sold.' });
    }
    throw new UserErrors(
      ...faults.map(({ variantId, out }) => ({
        field: ['lines', variantId],
        code: 'NOT_SOLD' as const,
        message: `No more can come back than were sold and are still out: ${out}.`,
      })),
    );
  });
}

/** One statement, which locks in the same order as {@link settle}. */
async function takeBack(
  db: Db | Tx,
  { tenantId, orderId, actorId, impersonatorId }: OrderStock,
  returnId: string,
  lines: StockReturnLine[],
  mayCross: boolean,
) {
  const [outcome] = await db.$queryRaw<
    { asked: ReturnedLine[]; happened: boolean; crosses: boolean; changes: StockChange[] }[]
  >`
    WITH locked AS (
      SELECT v.id, v.available, v.stock_version, asked.quantity, l.quantity - l.returned_quantity AS out, ${crossesLevel(Prisma.sql`asked.quantity`)} AS crosses
      FROM ${quantitiesAsked(lines)}
      JOIN stock_reservation_lines l ON l.tenant_id = ${tenantId} AND l.order_id = ${orderId} AND l.variant_id = asked.variant_id
      JOIN product_variants v ON v.tenant_id = l.tenant_id AND v.id = l.variant_id
      ORDER BY v.id FOR NO KEY UPDATE OF v, l
    ), decided AS (
      SELECT asked.variant_id, asked.quantity, still.out, asked.quantity BETWEEN 1 AND still.out AS enough, crosses
      FROM ${quantitiesAsked(lines)} LEFT JOIN locked ON locked.id = asked.variant_id
      LEFT JOIN stock_reservation_lines l ON l.tenant_id = ${tenantId} AND l.order_id = ${orderId} AND l.variant_id = asked.variant_id,
        LATERAL (SELECT coalesce(locked.out, l.quantity - l.returned_quantity, 0) AS out) AS still
    ), verdict AS (
      SELECT bool_and(enough) AS enough, coalesce(bool_or(crosses), false) AND NOT ${mayCross} AS crosses FROM decided
    ), sold AS (
      UPDATE stock_reservations r SET updated_at = now() FROM verdict
      WHERE r.tenant_id = ${tenantId} AND r.order_id = ${orderId} AND r.status = 'COMMITTED'
        AND verdict.enough AND NOT verdict.crosses
      RETURNING r.order_id
    ), returned AS (
      INSERT INTO stock_returns (tenant_id, order_id, return_id) SELECT ${tenantId}, order_id, ${returnId} FROM sold
      ON CONFLICT DO NOTHING RETURNING order_id
    ), counted AS (
      UPDATE stock_reservation_lines l SET returned_quantity = l.returned_quantity + decided.quantity
      FROM decided, returned
      WHERE l.tenant_id = ${tenantId} AND l.order_id = returned.order_id AND l.variant_id = decided.variant_id
    ), stock AS (
      UPDATE product_variants v SET available = locked.available + locked.quantity, stock_version = locked.stock_version + 1
      FROM locked, returned WHERE v.tenant_id = ${tenantId} AND v.id = locked.id
      RETURNING ${stockChange(Prisma.sql`locked.quantity`)} AS change
    ), ledger AS (
      INSERT INTO stock_movements (tenant_id, id, variant_id, kind, quantity, order_id, actor_id, impersonator_id)
      SELECT ${tenantId}, new_id('smov'), id, 'RETURN', quantity, order_id, ${actorId}, ${impersonatorId} FROM locked, returned
    )
    SELECT (SELECT jsonb_agg(jsonb_build_object('variantId', variant_id, 'out', out, 'enough', enough)) FROM decided) AS asked,
      EXISTS (SELECT FROM returned) AS happened, verdict.crosses, ${STOCK_CHANGES} AS changes
    FROM verdict`;
  if (!outcome) throw new Error('An aggregate has one row');
  return outcome;
}
