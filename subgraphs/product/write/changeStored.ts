import { notFound, staleVersion, UserErrors } from '../../shared/userErrors';
import type { ChangedProduct } from '../catalog/changeProduct';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Product } from '../generated/prisma/client';
import { differenceOf, type ProductDifference } from './productDifference';
import { lockProducts, type Part, type StoredProduct } from './storedProducts';
import { writeDifferences } from './writeDifferences';

/**
 * Changes one product under its row lock: of two concurrent changes the second waits, and gets STALE_VERSION if its client has not
 * seen the first. The product always gets a new version and an event.
 * @param parts the parts of the product that `decide` reads. @param decide returns the change; an error that it throws rolls back.
 * @throws UserErrors NOT_FOUND; StaleVersion with the current product.
 */
export async function changeStored(
  ctx: Context,
  { id, idField, expectedVersion, versionField }: ChangedProduct,
  parts: Part[],
  decide: (stored: StoredProduct, tx: Tx) => Partial<ProductDifference> | Promise<Partial<ProductDifference>>,
): Promise<Product> {
  const product = await ctx.db.$transaction(async (tx) => {
    const stored = (await lockProducts(tx, ctx.tenantId, [id], new Set(parts))).get(id);
    if (!stored) throw new UserErrors(notFound('product', idField));
    if (expectedVersion != null && expectedVersion !== stored.product.version) {
      throw staleVersion(stored.product, versionField);
    }
    const difference = differenceOf(stored, await decide(stored, tx));
    return (await writeDifferences(ctx, tx, [difference])).get(id);
  });
  ctx.forgetLoaded();
  if (!product) throw new Error('A locked product is gone');
  return product;
}
