import DataLoader from 'dataloader';
import { groupByKey, inOrderOfKeys } from '../../shared/batches';
import type { DatabaseContext } from '../../shared/callerContext';
import type { Db } from '../database';
import type { Category, Product, ProductImage, ProductOption, ProductVariant } from '../generated/prisma/client';
import { CAN_BE_BOUGHT } from '../inventory/availability';
import { VARIANT_COLUMNS } from './rowColumns';
import { visibleProducts } from './visibility';

export interface ProductLoaders {
  productById: DataLoader<string, Product | null>;
  variantById: DataLoader<string, ProductVariant | null>;
  variantsByProductId: DataLoader<string, ProductVariant[]>;
  /** Whether a product has a variant that can be bought. */
  availabilityByProductId: DataLoader<string, boolean>;
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
      return inOrderOfKeys(ids, products, (product) => product.id);
    }),
    variantById: new DataLoader(async (ids) => {
      const variants = await db.productVariant.findMany({
        where: { tenantId: ctx.tenantId, id: { in: [...ids] }, product: visibleProducts(ctx) },
      });
      return inOrderOfKeys(ids, variants, (variant) => variant.id);
    }),
    variantsByProductId: new DataLoader(async (productIds) => {
      const variants = await db.$queryRaw<ProductVariant[]>`
        SELECT ${VARIANT_COLUMNS} FROM product_variants v
        WHERE v.tenant_id = ${ctx.tenantId} AND v.product_id = ANY (${productIds}::text[]) ORDER BY v.position`;
      return groupByKey(productIds, variants, (variant) => variant.productId);
    }),
    availabilityByProductId: new DataLoader(async (productIds) => {
      const available = await db.$queryRaw<{ productId: string }[]>`
        SELECT DISTINCT product_id AS "productId" FROM product_variants v
        WHERE v.tenant_id = ${ctx.tenantId} AND v.product_id = ANY (${productIds}::text[]) AND ${CAN_BE_BOUGHT}`;
      const ids = new Set(available.map(({ productId }) => productId));
      return productIds.map((id) => ids.has(id));
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
      return inOrderOfKeys(ids, images, (image) => image.id);
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
