import { groupByKey, inOrderOfKeys } from '../../shared/batches';
import { productColumns } from '../catalog/productFields';
import { PRODUCT_COLUMNS, VARIANT_COLUMNS } from '../catalog/rowColumns';
import { combinationOf, inOptionOrder, type OptionValue, variantColumns } from '../catalog/variantInput';
import type { Context } from '../context';
import type { Product, ProductVariant } from '../generated/prisma/client';
import type { Change } from './importBatch';

interface Stored {
  product: Product;
  variants: ProductVariant[];
  /** As JSON, in their order. */
  options: string;
  categoryIds: string[];
}

/**
 * Which of some changes make nothing different, asked in four statements for all of them. Whoever keeps a catalog in another system
 * sends all of it again for the few products that have changed. One that is not sure goes the way of productSet.
 */
export async function findUnchanged(ctx: Context, changes: Change[]): Promise<Set<Change>> {
  if (changes.length === 0) return new Set();
  const stored = await load(
    ctx,
    changes.map(({ id }) => id),
  );
  return new Set(
    changes.filter((change) => {
      const found = stored.get(change.id);
      return found !== undefined && isSame(change, found);
    }),
  );
}

async function load({ db, tenantId }: Context, ids: string[]): Promise<Map<string, Stored>> {
  const [products, variants, options, links] = await Promise.all([
    db.$queryRaw<Product[]>`
      SELECT ${PRODUCT_COLUMNS} FROM products p WHERE p.tenant_id = ${tenantId} AND p.id = ANY (${ids}::text[])`,
    db.$queryRaw<ProductVariant[]>`
      SELECT ${VARIANT_COLUMNS} FROM product_variants v
      WHERE v.tenant_id = ${tenantId} AND v.product_id = ANY (${ids}::text[]) ORDER BY v.position`,
    db.$queryRaw<{ productId: string; name: string; values: string[] }[]>`
      SELECT product_id AS "productId", name, values FROM product_options
      WHERE tenant_id = ${tenantId} AND product_id = ANY (${ids}::text[]) ORDER BY position`,
    db.$queryRaw<{ productId: string; categoryId: string }[]>`
      SELECT product_id AS "productId", category_id AS "categoryId" FROM product_categories
      WHERE tenant_id = ${tenantId} AND product_id = ANY (${ids}::text[])`,
  ]);
  const variantsOf = groupByKey(ids, variants, ({ productId }) => productId);
  const optionsOf = groupByKey(ids, options, ({ productId }) => productId);
  const linksOf = groupByKey(ids, links, ({ productId }) => productId);
  return new Map(
    inOrderOfKeys(ids, products, ({ id }) => id).flatMap((product, index) =>
      product === null
        ? []
        : [
            [
              product.id,
              {
                product,
                variants: variantsOf[index] ?? [],
                options: written(optionsOf[index] ?? []),
                categoryIds: (linksOf[index] ?? []).map(({ categoryId }) => categoryId),
              },
            ],
          ],
    ),
  );
}

function isSame({ input }: Change, { product, variants, options, categoryIds }: Stored): boolean {
  const given = input.variants ?? [];
  return (
    (input.slug == null || input.slug === product.slug) &&
    hasColumns(product, productColumns(input)) &&
    (input.categoryIds === undefined || sameSet(input.categoryIds ?? [], categoryIds)) &&
    (input.options == null || written(input.options) === options) &&
    given.length === variants.length &&
    given.every((variant, index) => {
      const before = variants[index];
      const wanted = inOptionOrder(variant.optionValues, input.options ?? []);
      return (
        before !== undefined &&
        hasColumns(before, variantColumns(variant, [])) &&
        combinationOf(before.optionValues as unknown as OptionValue[]) === combinationOf(wanted)
      );
    })
  );
}

const hasColumns = (row: object, columns: object): boolean =>
  Object.entries(columns).every(([name, value]) => {
    const before = (row as Record<string, unknown>)[name];
    return before === value || (Array.isArray(value) && JSON.stringify(before) === JSON.stringify(value));
  });

const written = (options: readonly { name: string; values: string[] }[]): string =>
  JSON.stringify(options.map(({ name, values }) => [name, values]));

const sameSet = (one: readonly string[], other: readonly string[]): boolean =>
  [...new Set(one)].sort().join() === [...other].sort().join();
