import { writeWithinRead } from '../../shared/cancellation';
import type { Context } from '../context';
import type { Cart } from '../generated/prisma/client';
import { type SeenCost, seenCostOf } from '../pricing/priceChange';
import type { PricedCart } from './priceCart';

/**
 * Keeps the sums that a buyer is shown: an order of the cart at any others is refused. Written only when they are not the ones that were
 * shown before, and for the version of the cart that they belong to.
 */
export async function keepSeenCost({ db, tenantId }: Context, cart: Cart, cost: PricedCart['cost']): Promise<void> {
  if (!cost) return;
  const { pricing, currencyCode, hasPlace, knowsTax, due } = cost;
  const shown = seenCostOf(pricing, currencyCode, { hasAddress: hasPlace && knowsTax, due });
  if (cart.seenCost && isSame(cart.seenCost, shown)) return;
  await writeWithinRead(
    async () => db.$executeRaw`
      UPDATE carts SET seen_cost = ${JSON.stringify(shown)}::jsonb
      WHERE tenant_id = ${tenantId} AND id = ${cart.id} AND version = ${cart.version} AND order_id IS NULL`,
  );
}

const isSame = (one: SeenCost, other: SeenCost) =>
  (Object.keys(other) as (keyof SeenCost)[]).every((name) => one[name] === other[name]);
