import { newId } from '../../shared/ids';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { InventoryPolicy, MetafieldInput, ProductVariantInput } from '../generated/resolvers';
import { insertMetafields } from '../metafield/metafields';
import { inOptionOrder, type OptionValue, variantColumns } from '../variant/variantInput';

export interface NewVariant {
  id: string;
  sku: string;
  priceAmount: bigint;
  currencyCode: string;
  optionValues: OptionValue[];
  stock: number;
  compareAtPriceAmount?: bigint | null;
  unitCostAmount?: bigint | null;
  barcode?: string | null;
  weightGrams?: number | null;
  inventoryPolicy: InventoryPolicy;
  lowStockThreshold: number | null;
  imageId: string | null;
  metafields: readonly MetafieldInput[];
}

/** @param imageIds of its product's pictures, in their order. @throws GraphQLError BAD_USER_INPUT for money that is none. */
export function newVariant(
  input: ProductVariantInput,
  options: { name: string }[],
  field: string[],
  imageIds: readonly string[] = [],
): NewVariant {
  const { priceAmount = 0n, currencyCode = '', ...others } = variantColumns(input, field);
  return {
    ...others,
    id: newId('pvar'),
    sku: input.sku,
    priceAmount,
    currencyCode,
    optionValues: inOptionOrder(input.optionValues, options),
    stock: input.stock,
    inventoryPolicy: input.inventoryPolicy,
    lowStockThreshold: input.lowStockThreshold ?? null,
    imageId: imageIds[input.imagePosition ?? -1] ?? null,
    metafields: input.metafields ?? [],
  };
}

/** With their first stock, and where that came from. @param position of the first of them. */
export async function insertVariants(ctx: Context, tx: Tx, productId: string, variants: NewVariant[], position = 0) {
  await insertVariantRows(
    ctx,
    tx,
    variants.map((variant, index) => ({ productId, variant, position: position + index })),
  );
}

/** As {@link insertVariants}, of any products and at any places: one statement a table, which is the same for any rows. */
export async function insertVariantRows(
  { tenantId, actor }: Context,
  tx: Tx,
  placed: { productId: string; variant: NewVariant; position: number }[],
) {
  if (placed.length === 0) return;
  const variants = placed.map(({ productId, position, variant: { metafields: _, ...variant } }) => ({
    ...variant,
    productId,
    position,
    priceAmount: String(variant.priceAmount),
    compareAtPriceAmount: variant.compareAtPriceAmount == null ? null : String(variant.compareAtPriceAmount),
    unitCostAmount: variant.unitCostAmount == null ? null : String(variant.unitCostAmount),
  }));
  await tx.$executeRaw`
    INSERT INTO product_variants (tenant_id, id, product_id, sku, position, price_amount, compare_at_price_amount,
      unit_cost_amount, currency_code, barcode, weight_grams, image_id, option_values, available, inventory_policy,
      low_stock_threshold, updated_at)
    SELECT ${tenantId}, id, "productId", sku, position, "priceAmount", "compareAtPriceAmount", "unitCostAmount", "currencyCode",
      barcode, "weightGrams", "imageId", "optionValues", stock, "inventoryPolicy", "lowStockThreshold", now()
    FROM jsonb_to_recordset(${JSON.stringify(variants)}::jsonb) AS variant (id text, "productId" text, sku text, position int,
      "priceAmount" bigint, "compareAtPriceAmount" bigint, "unitCostAmount" bigint, "currencyCode" text, barcode text,
      "weightGrams" int, "imageId" text, "optionValues" jsonb, stock int, "inventoryPolicy" "InventoryPolicy",
      "lowStockThreshold" int)`;
  await insertMetafields(
    tx,
    'variant',
    tenantId,
    placed.map(({ variant }) => variant),
  );
  const movements = variants
    .filter(({ stock }) => stock > 0)
    .map(({ id, stock }) => ({ id: newId('smov'), variantId: id, quantity: stock }));
  if (movements.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO stock_movements (tenant_id, id, variant_id, kind, quantity, actor_id, impersonator_id)
    SELECT ${tenantId}, id, "variantId", 'ADJUSTMENT', quantity, ${actor.actorId}, ${actor.impersonatorId}
    FROM jsonb_to_recordset(${JSON.stringify(movements)}::jsonb) AS movement (id text, "variantId" text, quantity int)`;
}
