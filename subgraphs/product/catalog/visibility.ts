import type { CallerContext } from '../../shared/callerContext';

const STAFF = new Set(['MEMBER', 'ADMIN', 'SERVICE']);

/** Which products this caller may see, whatever path leads to them: staff all of the store's, others those on sale. */
export function visibleProducts({ tenantId, caller }: Pick<CallerContext, 'tenantId' | 'caller'>) {
  return STAFF.has(caller.role) ? { tenantId } : { tenantId, status: 'ACTIVE' as const };
}
