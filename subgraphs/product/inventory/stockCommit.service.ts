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
 * Turns an order's reserved stock into sold stock. An expired reservation is first made again, if there is still enough. Of several
 * concurrent requests for one order only one takes effect.
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
    // Either too little is left for this order, or a concurrent request has just made the reservation again.
    if (again.short.length > 0 && (await findReservationStatus(ctx.db, order)) === 'EXPIRED') return 'LOST';
  }
}

/**
 * Gives an order's stock back, reserved or sold. An order without a reservation gets a row with the status RELEASED first, so that
 * a concurrent stockReserve finds it and reserves nothing. @returns false when there was nothing to give back.
 */
export async function stockRelease(ctx: Context, orderId: string): Promise<boolean> {
  const order = orderStock(ctx, orderId);
  const inserted = await ctx.db.stockReservation.createMany({
    data: [{ tenantId: order.tenantId, orderId, status: 'RELEASED' }],
    skipDuplicates: true,
  });
  if (inserted.count > 0) return false;
  // Each transition starts from another status. RELEASE and RETURN_ALL are tried twice, since a concurrent request may change the
  // status to one that was already tried.
  for (const transition of [RELEASE, RETURN_ALL, RELEASE_EXPIRED, RELEASE, RETURN_ALL]) {
    if ((await transitionReservation(ctx.db, order, transition)).applied) return transition !== RELEASE_EXPIRED;
  }
  return false;
}

const orderStock = (ctx: Context, orderId: string): OrderStock => ({ tenantId: ctx.tenantId, orderId, ...ctx.actor });
