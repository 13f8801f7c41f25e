import type { CallerContext } from '../../shared/callerContext';

const STAFF = new Set(['MEMBER', 'ADMIN', 'SERVICE']);

export const isStaff = ({ caller }: Pick<CallerContext, 'caller'>) => STAFF.has(caller.role);

/**
 * Which orders this caller may see, whatever path leads to them: staff all of the store's, a customer their own, and a
 * visitor none (null: there is nothing to ask the database for).
 */
export function visibleOrders(ctx: Pick<CallerContext, 'tenantId' | 'caller'>) {
  const { tenantId, caller } = ctx;
  if (isStaff(ctx)) return { tenantId };
  return caller.userId === null ? null : { tenantId, customerId: caller.userId };
}
