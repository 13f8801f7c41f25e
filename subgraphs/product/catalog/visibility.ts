import type { CallerContext } from '../../shared/callerContext';

/** Which products this caller may see, whatever path leads to them: who may read products all of the store's, others those on sale. */
export function visibleProducts({ tenantId, caller }: Pick<CallerContext, 'tenantId' | 'caller'>) {
  return caller.permissions.includes('products:read') ? { tenantId } : { tenantId, status: 'ACTIVE' as const };
}
