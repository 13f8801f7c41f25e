import type { Context } from '../context';
import type { Tx } from '../database';
import { replaceMetafields } from '../metafield/metafields';
import type { ChangedVariant, ProductDifference } from '../products/productDifference';
import { insertVariantRows } from './variantRows';

/**
 * Writes what becomes different of the variants of locked products, in a few statements however many there are. The combinations
 * of option values are compared at the commit, so that variants can exchange theirs. @returns the versions of those that are changed.
 */
export async function writeVariants(
  ctx: Context,
  tx: Tx,
  differences: ProductDifference[],
): Promise<Map<string, number>> {
  const { tenantId } = ctx;
  const families = differences.flatMap(({ before: { id }, variants }) =>
    variants ? [{ productId: id, ...variants }] : [],
  );
  const gone = families.flatMap((family) => family.gone.map(({ id }) => id));
  if (gone.length > 0) {
    await tx.$executeRaw`DELETE FROM product_variants WHERE tenant_id = ${tenantId} AND id = ANY (${gone}::text[])`;
  }
  const moved = families.filter(({ isMoved }) => isMoved).map(({ productId }) => productId);
  if (moved.length > 0) {
    // Out of the way first: two variants of a product never have the same place, not even within a statement.
    await tx.$executeRaw`
      UPDATE product_variants SET position = -1 - position
      WHERE tenant_id = ${tenantId} AND product_id = ANY (${moved}::text[])`;
  }
  await insertVariantRows(
    ctx,
    tx,
    families.flatMap(({ productId, added }) => added.map((one) => ({ ...one, productId }))),
  );
  const changed = families.flatMap((family) => family.changed);
  const metafields = changed.flatMap(({ before: { id }, metafields: given }) =>
    given ? [{ id, metafields: given }] : [],
  );
  await replaceMetafields(tx, 'variant', tenantId, metafields);
  return updateVariants(tx, tenantId, changed);
}

async function updateVariants(tx: Tx, tenantId: string, changed: ChangedVariant[]): Promise<Map<string, number>> {
  if (changed.length === 0) return new Map();
  const rows = changed.map(({ before, after, isDifferent }) => ({
    id: after.id,
    isDifferent,
    priceAmount: String(after.priceAmount),
    compareAtPriceAmount: after.compareAtPriceAmount === null ? null : String(after.compareAtPriceAmount),
    unitCostAmount: after.unitCostAmount === null ? null : String(after.unitCostAmount),
    currencyCode: after.currencyCode,
    barcode: after.barcode,
    weightGrams: after.weightGrams,
    imageId: after.imageId,
    optionValues: after.optionValues,
    position: after.position,
    // Only where that becomes different: inventoryPolicyUpdate does not wait for the product's lock, and is not undone.
    inventoryPolicy: before.inventoryPolicy === after.inventoryPolicy ? null : after.inventoryPolicy,
    hasThreshold: before.lowStockThreshold !== after.lowStockThreshold,
    lowStockThreshold: after.lowStockThreshold,
  }));
  const written = await tx.$queryRaw<{ id: string; version: number }[]>`
    UPDATE product_variants v SET price_amount = given."priceAmount", compare_at_price_amount = given."compareAtPriceAmount",
      unit_cost_amount = given."unitCostAmount", currency_code = given."currencyCode", barcode = given.barcode,
      weight_grams = given."weightGrams", image_id = given."imageId", option_values = given."optionValues",
      position = given.position, inventory_policy = coalesce(given."inventoryPolicy", v.inventory_policy),
      low_stock_threshold = CASE WHEN given."hasThreshold" THEN given."lowStockThreshold" ELSE v.low_stock_threshold END, version = v.version + given."isDifferent"::int,
      updated_at = CASE WHEN given."isDifferent" THEN now() ELSE v.updated_at END
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS given (id text, "isDifferent" boolean, "priceAmount" bigint,
      "compareAtPriceAmount" bigint, "unitCostAmount" bigint, "currencyCode" text, barcode text, "weightGrams" int,
      "imageId" text, "optionValues" jsonb, position int, "inventoryPolicy" "InventoryPolicy", "hasThreshold" boolean,
      "lowStockThreshold" int)
    WHERE v.tenant_id = ${tenantId} AND v.id = given.id
    RETURNING v.id, v.version`;
  return new Map(written.map(({ id, version }) => [id, version]));
}
