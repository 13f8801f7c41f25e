import type { CallerContext } from '../../shared/callerContext';
import type { StoreContext } from '../../shared/stores/storeContext';
import { ON_SALE } from './onSale';

/** Which products this caller may see, whatever path leads to them: who may read products all of the store's, others those on sale. */
export function visibleProducts({ tenantId, caller }: Pick<CallerContext, 'tenantId' | 'caller'>) {
  return seesEverything({ caller }) ? { tenantId } : { tenantId, ...ON_SALE };
}

/** Whether drafts and what is not public are this caller's to see. */
export const seesEverything = ({ caller }: Pick<CallerContext, 'caller'>) =>
  caller.permissions.includes('products:read');

/** Whether it is this caller's to see how many are left. That some are is everybody's. */
export const seesExactStock = async (ctx: Pick<StoreContext, 'caller' | 'storeSettings'>): Promise<boolean> =>
  ctx.caller.role === 'SERVICE' || seesEverything(ctx) || (await ctx.storeSettings).showExactStock;
