import { lockResource } from '../../shared/lockResource';
import { PLANS } from '../../shared/plans';
import { limitReached, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Resolvers, UserErrorCode } from '../generated/resolvers';
import { getPlan } from '../store/store.consumer';

export interface ProductRoom {
  /** The plan's limit; Infinity when the plan has none. */
  limit: number;
  /** How many more products the store may add. Negative after a change to a lower plan. */
  left: number;
}

/**
 * How many products the store's plan allows, and how many more can be added. Call it first in the transaction that adds them: an
 * advisory lock makes concurrent additions to the same store wait for its end, so that together they can't exceed the limit.
 */
export async function roomForProducts(tx: Tx, { tenantId }: Context): Promise<ProductRoom> {
  const limit = PLANS[await getPlan(tx, tenantId)].products;
  if (limit === null) return { limit: Number.POSITIVE_INFINITY, left: Number.POSITIVE_INFINITY };
  await lockResource(tx, tenantId, 'product limit');
  // A separate statement after the lock, so that its snapshot includes what the previous holder of the lock committed.
  // LIMIT ends the count as soon as the limit is reached.
  const [counted] = await tx.$queryRaw<{ products: bigint }[]>`
    SELECT count(*) AS products FROM (
      SELECT FROM products WHERE tenant_id = ${tenantId} LIMIT ${limit}) AS limited`;
  return { limit, left: limit - Number(counted?.products ?? 0) };
}

/** @throws UserErrors LIMIT_REACHED when there is no room for one more product. */
export async function takeRoomForProduct(tx: Tx, ctx: Context): Promise<void> {
  const { limit, left } = await roomForProducts(tx, ctx);
  if (left < 1) throw new UserErrors<UserErrorCode>(productLimitReached(limit, ['input']));
}

export const productLimitReached = (limit: number, field: string[]) =>
  limitReached(field, `The store's plan allows ${limit} ${limit === 1 ? 'product' : 'products'}.`);

export const planLimitResolvers: Resolvers = {
  PlanUsage: {
    // A reference to another store resolves to null.
    __resolveReference: ({ id }, ctx) => (id === ctx.tenantId ? { id } : null),
    products: (_usage, _args, ctx) => ctx.db.product.count({ where: { tenantId: ctx.tenantId } }),
  },
};
