import { StaleVersion, UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Product } from '../generated/prisma/client';
import type { ProductErrorCode } from '../generated/resolvers';
import { notFound } from './faults';
import { type PriceChange, tellOfProduct } from './productEvents';

/** Which product is to be changed, and where the input says so. */
export interface ChangedProduct {
  id: string;
  idField: string[];
  expectedVersion: number | null | undefined;
  versionField: string[];
}

/**
 * All that belongs to a product is changed under its lock, its options and variants too: two changes at once come one
 * after the other, and the second is refused when its client has not seen the first.
 * @param work adds to `priceChanges` what it changes of variants' prices.
 * @returns the product as it is after `work`. @throws UserErrors NOT_FOUND; StaleVersion with the product as it is.
 */
export async function changeProduct(
  ctx: Context,
  changed: ChangedProduct,
  work: (tx: Tx, before: Product, priceChanges: PriceChange[]) => Promise<void>,
): Promise<Product> {
  const product = await ctx.db.$transaction(async (tx) => {
    const priceChanges: PriceChange[] = [];
    await work(tx, await lockProduct(ctx, tx, changed), priceChanges);
    const after = await tx.product.findFirstOrThrow({ where: { tenantId: ctx.tenantId, id: changed.id } });
    await tellOfProduct(tx, 'product.updated', after, priceChanges);
    return after;
  });
  ctx.forgetLoaded();
  return product;
}

/** Nothing has become different: what was written is undone. */
class Unchanged extends Error {}

/** As {@link changeProduct}; but a product that `work` leaves as it was gets no new version, and nobody is told of it. */
export async function changeIfDifferent(
  ctx: Context,
  changed: ChangedProduct,
  work: Parameters<typeof changeProduct>[2],
): Promise<Product> {
  const { tenantId, db } = ctx;
  try {
    return await changeProduct(ctx, changed, async (tx, before, priceChanges) => {
      const contents = await contentsOf(tx, before);
      await work(tx, before, priceChanges);
      if ((await contentsOf(tx, before)) === contents) throw new Unchanged();
    });
  } catch (error) {
    if (!(error instanceof Unchanged)) throw error;
    const product = await db.product.findFirst({ where: { tenantId, id: changed.id } });
    if (!product) throw new UserErrors(notFound(changed.idField, 'product'));
    return product;
  }
}

/** A hash of all that belongs to a product, but for what selling it changes. */
async function contentsOf(tx: Tx, { tenantId, id }: Product): Promise<string> {
  const [row] = await tx.$queryRaw<{ contents: string }[]>`
    SELECT md5(jsonb_build_array(
      (SELECT to_jsonb(p) - '{version,updated_at}'::text[] FROM products p WHERE tenant_id = ${tenantId} AND id = ${id}),
      (SELECT jsonb_agg(to_jsonb(v) - '{available,reserved,stock_version,updated_at}'::text[] ORDER BY id)
        FROM product_variants v WHERE tenant_id = ${tenantId} AND product_id = ${id}),
      (SELECT jsonb_agg(to_jsonb(o) ORDER BY position) FROM product_options o WHERE tenant_id = ${tenantId} AND product_id = ${id}),
      (SELECT jsonb_agg(to_jsonb(i) ORDER BY position) FROM product_images i WHERE tenant_id = ${tenantId} AND product_id = ${id}),
      (SELECT jsonb_agg(category_id ORDER BY category_id) FROM product_categories WHERE tenant_id = ${tenantId} AND product_id = ${id}),
      (SELECT jsonb_agg(to_jsonb(m) ORDER BY namespace, key)
        FROM product_metafields m WHERE tenant_id = ${tenantId} AND product_id = ${id}),
      (SELECT jsonb_agg(to_jsonb(m) ORDER BY variant_id, namespace, key)
        FROM product_variants v JOIN product_variant_metafields m ON m.tenant_id = v.tenant_id AND m.variant_id = v.id
        WHERE v.tenant_id = ${tenantId} AND v.product_id = ${id})
    )::text) AS contents`;
  return row?.contents ?? '';
}

/** Counts its version up, which locks it until the transaction ends. @throws as changeProduct. */
export async function lockProduct(ctx: Context, tx: Tx, changed: ChangedProduct): Promise<Product> {
  const { id, idField, expectedVersion, versionField } = changed;
  const { tenantId } = ctx;
  const [product] = await tx.product.updateManyAndReturn({
    where: { tenantId, id, ...(expectedVersion != null && { version: expectedVersion }) },
    data: { version: { increment: 1 } },
  });
  if (product) return product;

  const current = await tx.product.findFirst({ where: { tenantId, id } });
  if (!current) throw new UserErrors(notFound(idField, 'product'));
  throw staleVersion(current, versionField);
}

/** @param current the product or the variant as it is. */
export function staleVersion(current: { version: number }, field: string[]) {
  return new StaleVersion<ProductErrorCode>(current, {
    field,
    code: 'STALE_VERSION',
    message: `It is at version ${current.version}: look at what has changed, and send it again.`,
  });
}
