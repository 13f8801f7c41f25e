import { newId } from '../../shared/ids';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { InventoryPolicy, MetafieldInput, ProductVariantInput } from '../generated/resolvers';
import { insertMetafields } from './metafields';
import { inOptionOrder, type OptionValue, variantColumns } from './variantInput';

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
  await insertVariantRows(ctx, tx, [{ productId, variants, position }]);
}

/** As {@link insertVariants}, of several products in one go. */
export async function insertVariantRows(
  { tenantId, actor }: Context,
  tx: Tx,
  products: { productId: string; variants: NewVariant[]; position?: number }[],
) {
  await tx.productVariant.createMany({
    data: products.flatMap(({ productId, variants, position = 0 }) =>
      variants.map(({ stock, optionValues, metafields: _, ...columns }, index) => ({
        ...columns,
        tenantId,
        productId,
        position: position + index,
        optionValues: optionValues.map((value) => ({ ...value })),
        available: stock,
      })),
    ),
  });
  await insertMetafields(
    tx,
    'variant',
    tenantId,
    products.flatMap(({ variants }) => variants),
  );
  await tx.stockMovement.createMany({
    data: products
      .flatMap(({ variants }) => variants)
      .filter(({ stock }) => stock > 0)
      .map(({ id, stock }) => ({
        tenantId,
        id: newId('smov'),
        variantId: id,
        kind: 'ADJUSTMENT' as const,
        quantity: stock,
        ...actor,
      })),
  });
}
