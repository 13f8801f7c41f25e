import { groupByKey } from '../../shared/batches';
import type { Context } from '../context';
import { exportedFields } from '../fields/field';
import { PRODUCT_FIELDS } from '../fields/productFields';
import { VARIANT_FIELDS } from '../fields/variantFields';
import type { Product, ProductBulkJob, ProductImage, ProductVariant } from '../generated/prisma/client';
import { findMetafields, type MetafieldModel } from '../metafield/metafields';
import type { WholeRecord } from './importRecord';
import { Interrupted } from './importRun';
import { checkpoint } from './jobLease';

const PRODUCTS_A_PAGE = 200;

/** All of the store's products, page by page, each with every field that an import can set. @throws LeaseLost | Interrupted */
export async function* exportPages(
  ctx: Context,
  job: ProductBulkJob,
  stopping: AbortSignal,
): AsyncGenerator<WholeRecord[]> {
  const { tenantId, db, caller } = ctx;
  const seesStock = caller.permissions.includes('inventory:read');
  const total = await db.product.count({ where: { tenantId } });
  let done = 0;
  for (let after = ''; ; ) {
    if (stopping.aborted) throw new Interrupted();
    const products = await db.product.findMany({
      where: { tenantId, id: { gt: after } },
      orderBy: { id: 'asc' },
      take: PRODUCTS_A_PAGE,
      include: {
        options: { orderBy: { position: 'asc' } },
        variants: { orderBy: { position: 'asc' } },
        images: { orderBy: { position: 'asc' } },
        categories: { include: { category: { select: { slug: true } } } },
      },
      relationLoadStrategy: 'join',
    });
    const last = products.at(-1);
    if (!last) return;
    const metafields = await metafieldsOf(ctx, 'product', products);
    const ofVariants = await metafieldsOf(
      ctx,
      'variant',
      products.flatMap(({ variants }) => variants),
    );
    yield products.map(({ options, variants, images, categories, ...product }) => ({
      ...productFields(product),
      categories: categories.map(({ category }) => category.slug).sort(),
      metafields: metafields(product),
      options: options.map(({ name, values }) => ({ name, values })),
      variants: variants.map((variant) => ({
        ...variantFields(variant, images),
        ...(seesStock && stockFields(variant)),
        metafields: ofVariants(variant),
      })),
      images: images.map(({ id, url, altText }) => ({ ...(url === null ? { id } : { url }), altText })),
    }));
    after = last.id;
    done += products.length;
    await checkpoint(db, job, { lastLine: 0, progress: Math.min(999, Math.floor((done / Math.max(total, 1)) * 1000)) });
  }
}

/** A product without an external reference is exported under its id. */
const productFields = (product: Product) => ({
  ...exportedFields(PRODUCT_FIELDS, product),
  externalReference: product.externalReference ?? product.id,
});

function variantFields(variant: ProductVariant, images: ProductImage[]) {
  const { optionValues, inventoryPolicy, imageId } = variant;
  const imagePosition = images.findIndex(({ id }) => id === imageId);
  return {
    ...exportedFields(VARIANT_FIELDS, variant),
    optionValues,
    inventoryPolicy,
    imagePosition: imagePosition < 0 ? null : imagePosition,
  };
}

const stockFields = ({ available, reserved, lowStockThreshold }: ProductVariant) => ({
  quantityOnHand: Math.max(available + reserved, 0),
  lowStockThreshold,
});

/** Sorted by namespace and key, without the owners' ids. */
async function metafieldsOf({ db, tenantId }: Context, kind: 'product' | 'variant', owners: { id: string }[]) {
  const ids = owners.map(({ id }) => id);
  const found = await findMetafields(db, { kind, tenantId, ids }, true);
  const groups = groupByKey(ids, found, ({ ownerId }) => ownerId);
  const byOwner = new Map(ids.map((id, index) => [id, (groups[index] ?? []).map(withoutOwner)]));
  return ({ id }: { id: string }) => byOwner.get(id) ?? [];
}

const withoutOwner = ({ ownerId: _, ...metafield }: MetafieldModel) => metafield;
