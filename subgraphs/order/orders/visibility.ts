import type { CallerContext } from '../../shared/callerContext';

/** Whether the caller may see data that is for the store's staff only. */
export const seesAllOrders = ({ caller }: Pick<CallerContext, 'caller'>) => caller.permissions.includes('orders:read');

/**
 * The condition for the orders that this caller may see, used by every query: all orders of the store with the permission `orders:read`,
 * otherwise those of the caller's account. Null for a visitor, who may see none.
 */
export function visibleOrders(ctx: Pick<CallerContext, 'tenantId' | 'caller'>) {
  const { tenantId, caller } = ctx;
  if (seesAllOrders(ctx)) return { tenantId };
  return caller.userId === null ? null : { tenantId, customerId: caller.userId };
}
