import { recordEvents } from '../../shared/events/recordEvent';
import { priceEvents, productEvents } from '../catalog/productEvents';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Product } from '../generated/prisma/client';
import { changeMetafields } from '../metafield/metafields';
import { changeLinks } from './categoryLinks';
import { keepFormerSlugs } from './formerSlugs';
import { addImages, placeImages } from './imageRows';
import { replaceOptions } from './optionRows';
import type { ProductDifference } from './productDifference';
import { updateProductRows, type WrittenProduct } from './productRows';
import { writeVariants } from './variantRows';

/**
 * Writes the changes of locked products, with new versions and events: one statement for each table, however many products there are.
 * @returns the products after the change, by id.
 */
export async function writeDifferences(
  ctx: Context,
  tx: Tx,
  differences: ProductDifference[],
): Promise<Map<string, Product>> {
  if (differences.length === 0) return new Map();
  const { tenantId } = ctx;
  const images = partsOf(differences, 'images');
  // Variants are updated after new images were inserted and before old ones are deleted, so that they can switch to the new ones.
  await addImages(tx, tenantId, images);
  const versions = await writeVariants(ctx, tx, partsOf(differences, 'variants'));
  await placeImages(tx, tenantId, images);
  await replaceOptions(
    tx,
    tenantId,
    differences.flatMap(({ before: { id }, options }) => (options ? [{ id, options }] : [])),
  );
  const links = partsOf(differences, 'categoryIds');
  await changeLinks(tx, tenantId, {
    gone: links.flatMap(({ productId, gone }) => gone.map((categoryId) => ({ productId, categoryId }))),
    added: links.flatMap(({ productId, added }) => added.map((categoryId) => ({ productId, categoryId }))),
  });
  await changeMetafields(
    tx,
    'product',
    tenantId,
    partsOf(differences, 'metafields').map(({ productId, ...metafields }) => ({ id: productId, ...metafields })),
  );
  const written = await updateProductRows(tx, tenantId, differences);
  await keepFormerSlugs(tx, tenantId, differences);
  await recordChanges(tx, differences, written, versions);
  return new Map(written.map(({ product }) => [product.id, product]));
}

/** One part of each difference that changes it, with the product's id. */
function partsOf<Name extends 'images' | 'variants' | 'categoryIds' | 'metafields'>(
  differences: ProductDifference[],
  name: Name,
) {
  return differences.flatMap(({ before, [name]: part }) =>
    part === null ? [] : [{ productId: before.id, ...(part as NonNullable<ProductDifference[Name]>) }],
  );
}

async function recordChanges(
  tx: Tx,
  differences: ProductDifference[],
  written: WrittenProduct[],
  versions: Map<string, number>,
): Promise<void> {
  const changedVariants = new Map(differences.map(({ before, variants }) => [before.id, variants?.changed ?? []]));
  await recordEvents(
    tx,
    written.flatMap(({ product, isPublished }) => [
      ...productEvents('product.updated', product, isPublished),
      ...(changedVariants.get(product.id) ?? []).flatMap(({ before, after }) =>
        priceEvents(before, after, versions.get(after.id) ?? 0),
      ),
    ]),
  );
}
