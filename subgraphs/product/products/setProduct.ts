import { notFound, staleVersion, UserErrors } from '../../shared/userErrors';
import { asUserErrors } from '../catalog/constraintErrors';
import type { Context } from '../context';
import type { Product } from '../generated/prisma/client';
import { type ProductToSet, type SetOutcome, setProducts } from './setProducts';

/** {@link setProducts} for one product, in its own transaction. @param idField the input's path of the product's id. @throws UserErrors, StaleVersion */
export async function setProduct(ctx: Context, product: ProductToSet, idField: string[]): Promise<Product> {
  const { variants, categoryIds } = product.input;
  try {
    const [outcome = { kind: 'MISSING' }] = await ctx.db.$transaction((tx) => setProducts(ctx, tx, [product]));
    ctx.forgetLoaded();
    return productOf(outcome, idField);
  } catch (error) {
    throw await asUserErrors(ctx, error, {
      skus: (variants ?? []).map(({ sku }, index) => ({ sku, field: ['input', 'variants', String(index), 'sku'] })),
      categoryIds: categoryIds ?? [],
      productId: product.id,
    });
  }
}

function productOf(outcome: SetOutcome, idField: string[]): Product {
  switch (outcome.kind) {
    case 'REFUSED':
      throw new UserErrors(...outcome.faults);
    case 'MISSING':
      throw new UserErrors(notFound('product', idField));
    case 'STALE':
      throw staleVersion(outcome.product);
    default:
      return outcome.product;
  }
}
