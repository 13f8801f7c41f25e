import { newId } from '../../shared/ids';
import { newColumns } from '../fields/field';
import { VARIANT_FIELDS } from '../fields/variantFields';
import type { ProductVariant } from '../generated/prisma/client';
import type { ProductVariantInput } from '../generated/resolvers';
import { inOptionOrder } from '../write/optionValues';
import type { NewVariant } from '../write/variantRows';

/** @param imageIds of its product's images, in order. @throws GraphQLError BAD_USER_INPUT for an invalid amount of money. */
export function newVariant(
  input: ProductVariantInput,
  options: { name: string }[],
  field: string[],
  imageIds: readonly string[] = [],
): NewVariant {
  return {
    ...newColumns<ProductVariant, typeof VARIANT_FIELDS>(VARIANT_FIELDS, input, field),
    id: newId('pvar'),
    optionValues: inOptionOrder(input.optionValues, options),
    quantityOnHand: input.quantityOnHand,
    inventoryPolicy: input.inventoryPolicy,
    lowStockThreshold: input.lowStockThreshold ?? null,
    imageId: imageIds[input.imagePosition ?? -1] ?? null,
    metafields: input.metafields ?? [],
  };
}
