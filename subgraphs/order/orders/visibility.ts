import type { CallerContext } from '../../shared/callerContext';

export const seesAllOrders = ({ caller }: Pick<CallerContext, 'caller'>) => caller.permissions.includes('orders:read');

/**
 * Which orders this caller may see, whatever path leads to them: who may read orders all of the store's, others who are signed in their own and a
 * visitor none (null: there is nothing to ask the database for).
 */
export function visibleOrders(ctx: Pick<CallerContext, 'tenantId' | 'caller'>) {
  const { tenantId, caller } = ctx;
  if (seesAllOrders(ctx)) return { tenantId };
  return caller.userId === null ? null : { tenantId, customerId: caller.userId };
}
