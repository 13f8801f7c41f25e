import DataLoader from 'dataloader';
import { branchIdsByCategoryId } from '../category/category.loaders';
import type { Context } from '../context';
import { type Category, Prisma } from '../generated/prisma/client';
import type { CategoryProductsArgs } from '../generated/resolvers';
import { inCategories } from './productFilter';
import { listProductsOf, type ProductConnection } from './productList.service';

/** A page of a category's products, or of its whole branch's, without repeats. All categories of a request take one statement. */
export function productsOfCategory(
  ctx: Context,
  { id }: Category,
  args: CategoryProductsArgs,
): Promise<ProductConnection> {
  const loaders = ctx.once(loadersByArguments);
  const key = JSON.stringify(args);
  const loader = loaders.get(key) ?? new DataLoader((ids) => loadProducts(ctx, args, ids));
  loaders.set(key, loader);
  return loader.load(id);
}

/** A loader for each combination of arguments in a request. */
const loadersByArguments = () => new Map<string, DataLoader<string, ProductConnection>>();

async function loadProducts(ctx: Context, args: CategoryProductsArgs, ids: readonly string[]) {
  const branchOf = (id: string) => (args.includeDescendants ? branchIdsByCategoryId(ctx).load(id) : [id]);
  const lists = await Promise.all(ids.map(async (id) => ({ id, value: await branchOf(id) })));
  return listProductsOf(ctx, args, lists, inCategories(ctx.tenantId, Prisma.sql`list.value`));
}
