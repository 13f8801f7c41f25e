import DataLoader from 'dataloader';
import { alignToKeys, groupByKey } from '../../shared/batches';
import type { DatabaseContext } from '../../shared/callerContext';
import type { Db } from '../database';
import type { Category, Product, ProductImage, ProductOption } from '../generated/prisma/client';
import { visibleProducts } from './visibility';

export interface ProductLoaders {
  productById: DataLoader<string, Product | null>;
  optionsByProductId: DataLoader<string, ProductOption[]>;
  imagesByProductId: DataLoader<string, ProductImage[]>;
  imageById: DataLoader<string, ProductImage | null>;
  categoriesByProductId: DataLoader<string, Category[]>;
}

/** One statement for all keys of a tick. What the caller may not see is null, as what does not exist. */
export function createProductLoaders(ctx: DatabaseContext<Db>): ProductLoaders {
  const { db } = ctx;
  const ofProducts = (productIds: readonly string[]) => ({
    tenantId: ctx.tenantId,
    productId: { in: [...productIds] },
  });

  return {
    productById: new DataLoader(async (ids) => {
      const products = await db.product.findMany({ where: { ...visibleProducts(ctx), id: { in: [...ids] } } });
      return alignToKeys(ids, products, (product) => product.id);
    }),
    optionsByProductId: new DataLoader(async (productIds) => {
      const options = await db.productOption.findMany({ where: ofProducts(productIds), orderBy: { position: 'asc' } });
      return groupByKey(productIds, options, (option) => option.productId);
    }),
    imagesByProductId: new DataLoader(async (productIds) => {
      const images = await db.productImage.findMany({ where: ofProducts(productIds), orderBy: { position: 'asc' } });
      return groupByKey(productIds, images, (image) => image.productId);
    }),
    imageById: new DataLoader(async (ids) => {
      const images = await db.productImage.findMany({ where: { tenantId: ctx.tenantId, id: { in: [...ids] } } });
      return alignToKeys(ids, images, (image) => image.id);
    }),
    categoriesByProductId: new DataLoader(async (productIds) => {
      const links = await db.productCategory.findMany({
        where: ofProducts(productIds),
        include: { category: true },
        orderBy: { categoryId: 'asc' },
        relationLoadStrategy: 'join',
      });
      const grouped = groupByKey(productIds, links, (link) => link.productId);
      return grouped.map((group) => group.map((link) => link.category));
    }),
  };
}
