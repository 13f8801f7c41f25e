import { recordEvents } from '../../shared/events/recordEvent';
import { productEvents } from '../catalog/productEvents';
import { publishesNow } from '../catalog/publication';
import type { Context } from '../context';
import type { Tx } from '../database';
import { newColumns } from '../fields/field';
import { PRODUCT_FIELDS } from '../fields/productFields';
import type { Product } from '../generated/prisma/client';
import type { ProductCreateInput } from '../generated/resolvers';
import { insertMetafields } from '../metafield/metafields';
import { changeLinks } from './categoryLinks';
import { freeSlugs } from './formerSlugs';
import { insertImages } from './imageRows';
import { insertOptions } from './optionRows';
import { priceRangeOf } from './priceRange';
import { insertProductRows } from './productRows';
import { insertVariants, type NewVariant } from './variantRows';

/** A new product, whose input has been validated. */
export interface NewProduct {
  id: string;
  slug: string;
  input: ProductCreateInput;
  variants: NewVariant[];
  /** The ids of its images, in order. */
  imageIds: string[];
}

/**
 * Inserts products with everything that belongs to them, and their events: one statement for each table, however many products
 * there are. A slug or SKU that is taken and a missing category violate constraints. @returns the products in the given order.
 */
export async function insertProducts(ctx: Context, tx: Tx, products: NewProduct[]): Promise<Product[]> {
  if (products.length === 0) return [];
  const { tenantId } = ctx;
  const written = await insertProductRows(
    tx,
    tenantId,
    products.map(({ id, slug, input, variants }) => ({
      ...newColumns<Product, typeof PRODUCT_FIELDS>(PRODUCT_FIELDS, { ...input, slug }, ['input']),
      ...priceRangeOf(variants),
      id,
      publishesNow: publishesNow(null, input),
    })),
  );
  await freeSlugs(
    tx,
    tenantId,
    products.map(({ slug }) => slug),
  );
  await insertOptions(
    tx,
    tenantId,
    products.map(({ id, input: { options } }) => ({ id, options })),
  );
  await insertImages(
    tx,
    tenantId,
    products.flatMap(({ id: productId, imageIds, input: { images } }) =>
      images.map(({ url, altText }, position) => ({
        id: imageIds[position] ?? '',
        productId,
        position,
        url,
        altText: altText ?? null,
      })),
    ),
  );
  await insertVariants(
    ctx,
    tx,
    products.flatMap(({ id: productId, variants }) =>
      variants.map((variant, position) => ({ productId, variant, position })),
    ),
  );
  await insertMetafields(
    tx,
    'product',
    tenantId,
    products.map(({ id, input: { metafields } }) => ({ id, metafields })),
  );
  await changeLinks(tx, tenantId, {
    gone: [],
    added: products.flatMap(({ id: productId, input: { categoryIds } }) =>
      [...new Set(categoryIds)].map((categoryId) => ({ productId, categoryId })),
    ),
  });
  await recordEvents(
    tx,
    written.flatMap(({ product, isPublished }) => productEvents('product.created', product, isPublished)),
  );
  return written.map(({ product }) => product);
}
