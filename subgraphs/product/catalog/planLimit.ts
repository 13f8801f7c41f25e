import { UserErrors } from '../../shared/errors';
import { lockResource } from '../../shared/lockResource';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { ProductErrorCode, Resolvers } from '../generated/resolvers';

/**
 * How many more products the store may have by its plan, which the gateway says with each call; Infinity without a limit.
 * To be asked in the transaction that adds them, before anything else in it: whoever asks for the same store waits until that
 * transaction is over, so that two can't take the same room.
 */
export async function roomForProducts(tx: Tx, { tenantId, caller }: Context): Promise<number> {
  const { productLimit } = caller;
  if (productLimit === null) return Number.POSITIVE_INFINITY;
  await lockResource(tx, tenantId, 'product limit');
  // A statement of its own, after the lock: it sees what the one before has written. It counts no further than it has to.
  const [counted] = await tx.$queryRaw<{ products: bigint }[]>`
    SELECT count(*) AS products FROM (
      SELECT FROM products WHERE tenant_id = ${tenantId} LIMIT ${productLimit}) AS limited`;
  return productLimit - Number(counted?.products ?? 0);
}

/** @throws UserErrors LIMIT_REACHED when there is no room for one more product. */
export async function takeRoomForProduct(tx: Tx, ctx: Context): Promise<void> {
  if ((await roomForProducts(tx, ctx)) >= 1) return;
  throw new UserErrors<ProductErrorCode>(limitReached(ctx, ['input']));
}

export function limitReached({ caller: { productLimit } }: Context, field: string[]) {
  const message = `The store's plan allows ${productLimit} ${productLimit === 1 ? 'product' : 'products'}.`;
  return { field, code: 'LIMIT_REACHED' as const, message };
}

export const planLimitResolvers: Resolvers = {
  PlanUsage: {
    // A store's reference leads to the caller's own store or nowhere.
    __resolveReference: ({ id }, ctx) => (id === ctx.tenantId ? { id } : null),
    products: (_usage, _args, ctx) => ctx.db.product.count({ where: { tenantId: ctx.tenantId } }),
  },
};
