import type { CallerContext } from '../../shared/callerContext';
import type { StoreContext } from '../../shared/stores/storeContext';
import { ON_SALE } from './onSale';

/** Prisma's filter of the products that the caller may see: all of the store's with products:read, otherwise those on sale. Every query uses it. */
export function visibleProducts({ tenantId, caller }: Pick<CallerContext, 'tenantId' | 'caller'>) {
  return seesEverything({ caller }) ? { tenantId } : { tenantId, ...ON_SALE };
}

/** Whether the caller may see drafts and private metafields. */
export const seesEverything = ({ caller }: Pick<CallerContext, 'caller'>) =>
  caller.permissions.includes('products:read');

/** Whether the caller may see quantities of stock. Whether something is in stock is public. */
export const seesExactStock = async (ctx: Pick<StoreContext, 'caller' | 'storeSettings'>): Promise<boolean> =>
  ctx.caller.role === 'SERVICE' || seesEverything(ctx) || (await ctx.storeSettings).showExactStock;
