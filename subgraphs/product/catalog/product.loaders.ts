import { alignToKeys } from '../../shared/batches';
import { loader } from '../loader';
import { visibleProducts } from './visibility';

/** Null when the product does not exist, or the caller may not see it: clients can't tell the two apart. */
export const productById = loader(async (ctx, ids) => {
  const products = await ctx.db.product.findMany({ where: { ...visibleProducts(ctx), id: { in: [...ids] } } });
  return alignToKeys(ids, products, (product) => product.id);
});
