import { type Connection, readPage, toConnection } from '../../shared/pagination';
import { visibleProducts } from '../catalog/visibility';
import type { Context } from '../context';
import type { ProductVariant } from '../generated/prisma/client';
import type { ProductVariantFilter, QueryProductVariantsArgs } from '../generated/resolvers';
import { variantById } from '../variant/variant.loaders';
import { conditionValues } from './productFilter';

/** Variants of all products that the caller may see. Ids are UUIDv7, so sorting by id sorts by creation. */
export async function listVariantsOfStore(
  ctx: Context,
  { where: filter, ...args }: QueryProductVariantsArgs,
): Promise<Connection<ProductVariant>> {
  const page = readPage(args, { key: 'VARIANTS', column: 'id', kind: 'text', reverse: false });
  const where = { tenantId: ctx.tenantId, product: visibleProducts(ctx), AND: conditionsOf(filter ?? {}) };
  const { productVariant } = ctx.db;
  const variants = await productVariant.findMany({ ...page.query, where: { AND: [where, page.query.where] } });
  for (const variant of variants) variantById(ctx).prime(variant.id, variant);
  return toConnection(variants, page, () => productVariant.count({ where }));
}

const conditionsOf = ({ ids, skus, barcodes }: ProductVariantFilter) => ({
  ...(ids && { id: { in: conditionValues('ids', ids) } }),
  ...(skus && { sku: { in: conditionValues('skus', skus) } }),
  ...(barcodes && { barcode: { in: conditionValues('barcodes', barcodes) } }),
});
