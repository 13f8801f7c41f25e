import type { Context } from '../context';
import type { StockCommitOutcome } from '../generated/resolvers';
import {
  COMMIT,
  findReservationStatus,
  type OrderStock,
  RELEASE,
  RELEASE_EXPIRED,
  RESERVE_AGAIN,
  RETURN_ALL,
  transitionReservation,
} from './reservationTransition';

/**
 * The order's reserved stock leaves the shelf. An expired reservation is made again first, if there is still enough. Of several
 * concurrent requests for one order, one does it.
 */
export async function stockCommit(ctx: Context, orderId: string): Promise<StockCommitOutcome> {
  const order = orderStock(ctx, orderId);
  for (;;) {
    if ((await transitionReservation(ctx.db, order, COMMIT)).applied) return 'COMMITTED';
    const status = await findReservationStatus(ctx.db, order);
    if (status === 'COMMITTED') return 'ALREADY';
    if (status === 'RELEASED') return 'RELEASED';
    if (status === null) return 'LOST';
    const again = await transitionReservation(ctx.db, order, RESERVE_AGAIN);
    // Too little is left for this order, or a concurrent request has just made the reservation again.
    if (again.short.length > 0 && (await findReservationStatus(ctx.db, order)) === 'EXPIRED') return 'LOST';
  }
}

/**
 * Gives an order's stock back, reserved or sold. An order that has reserved nothing yet gets a row with the status RELEASED first:
 * a stockReserve that is still under way finds it, and takes nothing. @returns false when there was nothing to give back.
 */
export async function stockRelease(ctx: Context, orderId: string): Promise<boolean> {
  const order = orderStock(ctx, orderId);
  const inserted = await ctx.db.stockReservation.createMany({
    data: [{ tenantId: order.tenantId, orderId, status: 'RELEASED' }],
    skipDuplicates: true,
  });
  if (inserted.count > 0) return false;
  // Each starts from another status. A status that a concurrent request changes meanwhile is one that a later transition starts from.
  for (const transition of [RELEASE, RETURN_ALL, RELEASE_EXPIRED, RELEASE, RETURN_ALL]) {
    if ((await transitionReservation(ctx.db, order, transition)).applied) return transition !== RELEASE_EXPIRED;
  }
  return false;
}

const orderStock = (ctx: Context, orderId: string): OrderStock => ({ tenantId: ctx.tenantId, orderId, ...ctx.actor });
