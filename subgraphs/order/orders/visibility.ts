import type { CallerContext } from '../../shared/callerContext';

/** Whether the caller may see what is for the store's staff alone. */
export const seesAllOrders = ({ caller }: Pick<CallerContext, 'caller'>) => caller.permissions.includes('orders:read');

/**
 * The condition for the orders that this caller may see, on whichever path they are reached: all of the store's with the permission
 * `orders:read`, otherwise those of the caller's account, and null, which is none, for a visitor.
 */
export function visibleOrders(ctx: Pick<CallerContext, 'tenantId' | 'caller'>) {
  const { tenantId, caller } = ctx;
  if (seesAllOrders(ctx)) return { tenantId };
  return caller.userId === null ? null : { tenantId, customerId: caller.userId };
}
