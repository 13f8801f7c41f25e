import { alignToKeys } from '../../shared/batches';
import { loader } from '../loader';
import { visibleProducts } from './visibility';

/** What the caller may not see is null, as what does not exist. */
export const productById = loader(async (ctx, ids) => {
  const products = await ctx.db.product.findMany({ where: { ...visibleProducts(ctx), id: { in: [...ids] } } });
  return alignToKeys(ids, products, (product) => product.id);
});
