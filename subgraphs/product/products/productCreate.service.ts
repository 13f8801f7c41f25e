import { payload } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { asUserErrors } from '../catalog/constraintErrors';
import { refuse } from '../catalog/faults';
import { takeRoomForProduct } from '../catalog/planLimit';
import { recordProductEvent } from '../catalog/productEvents';
import { productColumns } from '../catalog/productFields';
import { publishNow } from '../catalog/publication';
import { insertWithSlug } from '../catalog/slug';
import type { Context } from '../context';
import type { Product } from '../generated/prisma/client';
import type { ProductCreateInput, ProductErrorCode } from '../generated/resolvers';
import { insertMetafields } from '../metafield/metafields';
import { priceRangeOf } from '../write/priceRange';
import { insertVariants, type NewVariant, newVariant } from '../write/variantRows';
import { productCreateFaults } from './productInput';

/** Adds a product with all that belongs to it, or nothing. */
export function productCreate(ctx: Context, input: ProductCreateInput) {
  return payload<'product', Product, ProductErrorCode>('product', () => createProduct(ctx, input));
}

/** @throws UserErrors. */
export async function createProduct(ctx: Context, input: ProductCreateInput): Promise<Product> {
  const images = input.images.map(({ url, altText }) => ({ id: newId('pimg'), url, altText: altText ?? null }));
  const imageIds = images.map(({ id }) => id);
  const variants = input.variants.map((variant, index) =>
    newVariant(variant, input.options, ['input', 'variants', String(index)], imageIds),
  );
  refuse(productCreateFaults(input));

  const id = newId('prod');
  try {
    return await insertWithSlug({ id, name: input.name, slug: input.slug }, (slug) =>
      insertProduct(ctx, { id, slug, input, images, variants }),
    );
  } catch (error) {
    throw await asUserErrors(ctx, error, {
      skus: variants.map(({ sku }, index) => ({ sku, field: ['input', 'variants', String(index), 'sku'] })),
      categoryIds: input.categoryIds,
    });
  }
}

interface NewProduct {
  id: string;
  slug: string;
  input: ProductCreateInput;
  images: { id: string; url: string; altText: string | null }[];
  variants: NewVariant[];
}

function insertProduct(ctx: Context, { id, slug, input, images, variants }: NewProduct): Promise<Product> {
  const { tenantId } = ctx;
  return ctx.db.$transaction(async (tx) => {
    await takeRoomForProduct(tx, ctx);
    const product = await tx.product.create({
      data: { ...productColumns(input), ...priceRangeOf(variants), tenantId, id, slug, name: input.name.trim() },
    });
    // Only now, behind the unique index: another product's former address leads here from now on.
    await tx.productFormerSlug.deleteMany({ where: { tenantId, slug } });
    await tx.productOption.createMany({
      data: input.options.map((option, position) => ({ ...option, tenantId, productId: id, position })),
    });
    await tx.productImage.createMany({
      data: images.map((image, position) => ({ ...image, tenantId, productId: id, position })),
    });
    await insertVariants(ctx, tx, id, variants);
    await tx.productCategory.createMany({
      data: [...new Set(input.categoryIds)].map((categoryId) => ({ tenantId, productId: id, categoryId })),
    });
    await insertMetafields(tx, 'product', tenantId, [{ id, metafields: input.metafields }]);
    const publishes = input.status === 'ACTIVE' && input.publishedAt === undefined;
    const created = publishes ? { ...product, publishedAt: await publishNow(tx, tenantId, id) } : product;
    await recordProductEvent(tx, 'product.created', created, []);
    return created;
  });
}
