import { groupByKey } from '../../shared/batches';
import { formatMoney } from '../../shared/money';
import type { Context } from '../context';
import type { Product, ProductBulkJob, ProductImage, ProductVariant } from '../generated/prisma/client';
import { findMetafields, type MetafieldModel } from '../metafield/metafields';
import type { WholeRecord, WholeVariant } from './importRecord';
import { Interrupted } from './importRun';
import { checkpoint } from './jobLease';

const PRODUCTS_A_PAGE = 200;

/** All of the store's products, each with all that a merchant can say of one. @throws LeaseLost | Interrupted */
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

function productFields(product: Product) {
  const { status, publishedAt } = product;
  return {
    externalReference: product.externalReference ?? product.id,
    name: product.name,
    slug: product.slug,
    description: product.description,
    vendor: product.vendor,
    productType: product.productType,
    tags: product.tags,
    status,
    // Of a product that is not ACTIVE, null would say that it is not published when it becomes so.
    ...(publishedAt ? { publishedAt: publishedAt.toISOString() } : status === 'ACTIVE' && { publishedAt: null }),
    seo: { title: product.seoTitle, description: product.seoDescription },
  } satisfies Partial<WholeRecord>;
}

function variantFields(variant: ProductVariant, images: ProductImage[]) {
  const { sku, barcode, weightGrams, currencyCode, optionValues, inventoryPolicy, imageId } = variant;
  const moneyOf = (minorUnits: bigint | null) =>
    minorUnits === null ? null : formatMoney({ minorUnits, currencyCode });
  const imagePosition = images.findIndex(({ id }) => id === imageId);
  return {
    sku,
    price: formatMoney({ minorUnits: variant.priceAmount, currencyCode }),
    compareAtPrice: moneyOf(variant.compareAtPriceAmount),
    unitCost: moneyOf(variant.unitCostAmount),
    barcode,
    weightGrams,
    optionValues,
    inventoryPolicy,
    imagePosition: imagePosition < 0 ? null : imagePosition,
  } satisfies Partial<WholeVariant>;
}

const stockFields = ({ available, reserved, lowStockThreshold }: ProductVariant) => ({
  stock: Math.max(available + reserved, 0),
  lowStockThreshold,
});

/** By namespace and key, without what they are kept with. */
async function metafieldsOf({ db, tenantId }: Context, kind: 'product' | 'variant', owners: { id: string }[]) {
  const ids = owners.map(({ id }) => id);
  const found = await findMetafields(db, { kind, tenantId, ids }, true);
  const groups = groupByKey(ids, found, ({ ownerId }) => ownerId);
  const byOwner = new Map(ids.map((id, index) => [id, (groups[index] ?? []).map(withoutOwner)]));
  return ({ id }: { id: string }) => byOwner.get(id) ?? [];
}

const withoutOwner = ({ ownerId: _, ...metafield }: MetafieldModel) => metafield;
