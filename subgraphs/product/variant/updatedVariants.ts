import { staleVersion, throwIfAny } from '../../shared/userErrors';
import { moveItem } from '../catalog/moveItem';
import { changedColumns } from '../fields/field';
import { VARIANT_FIELDS } from '../fields/variantFields';
import type { ProductVariant } from '../generated/prisma/client';
import type { ProductVariantUpdateInput } from '../generated/resolvers';
import { roomForMetafieldsFaults } from '../metafield/metafieldInput';
import { type MetafieldsDifference, mergedMetafields, metafieldsDifference } from '../metafield/metafieldsDifference';
import { inOptionOrder } from '../write/optionValues';
import type { Part, StoredProduct } from '../write/storedProducts';
import type { ChangedVariant, VariantsDifference } from '../write/variantRows';
import { newCombinationFaults, takenSku, variantOf } from './changeVariants';
import { variantFieldFaults } from './variantInput';

/** A client's update of one variant. */
export interface VariantUpdate {
  id: string;
  input: ProductVariantUpdateInput;
  /** The input's path. */
  at: string[];
}

const changesMetafields = ({ input }: VariantUpdate): boolean =>
  (input.metafields ?? []).length > 0 || (input.metafieldsToDelete ?? []).length > 0;

/** The parts of a product that these updates need, in addition to its variants. */
export const partsOf = (updates: VariantUpdate[]): Part[] => [
  'options',
  ...(updates.some(changesMetafields) ? (['variantMetafields'] as const) : []),
];

/**
 * Applies updates to a product's variants one after the other: each sees the result of those before it.
 * @throws StaleVersion with the current variant; UserErrors.
 */
export function updatedVariants(stored: StoredProduct, updates: VariantUpdate[]): VariantsDifference {
  const changes = new Map<string, ChangedVariant>();
  let variants = stored.variants;
  for (const update of updates) {
    const before = variantOf(stored, update.id);
    const after = updatedVariant(stored, before, update, variants);
    const metafields = changesMetafields(update) ? changedMetafields(stored, update) : null;
    changes.set(before.id, { before, after, metafields, isDifferent: true });
    variants = variants.map((variant) => (variant.id === before.id ? after : variant));
    if (update.input.position != null) variants = moveItem(variants, after, update.input.position);
  }
  if (updates.every(({ input }) => input.position == null)) {
    return { gone: [], changed: [...changes.values()], added: [], isMoved: false };
  }
  // Moving one variant shifts the positions of others, which get no new version for that.
  const changed = variants.map((variant, position) => {
    const change = changes.get(variant.id) ?? { before: variant, metafields: null, isDifferent: false };
    return { ...change, after: { ...variant, position } };
  });
  return { gone: [], changed, added: [], isMoved: true };
}

/** @param family all of the product's variants, after the preceding updates. */
function updatedVariant(
  { options }: StoredProduct,
  before: ProductVariant,
  { input, at }: VariantUpdate,
  family: ProductVariant[],
): ProductVariant {
  if (input.expectedVersion != null && input.expectedVersion !== before.version) {
    throw staleVersion(before, [...at, 'expectedVersion']);
  }
  const others = family.filter(({ id }) => id !== before.id);
  const currencyCode = input.price?.currencyCode ?? before.currencyCode;
  throwIfAny([
    ...variantFieldFaults(input, at, others[0]?.currencyCode ?? currencyCode),
    ...(input.optionValues == null ? [] : newCombinationFaults(input.optionValues, options, others, at)),
    ...takenSku(input.sku, others, at),
  ]);
  const keepsMoney = currencyCode === before.currencyCode;
  return {
    ...before,
    compareAtPriceAmount: keepsMoney ? before.compareAtPriceAmount : null,
    unitCostAmount: keepsMoney ? before.unitCostAmount : null,
    ...changedColumns<ProductVariant>(VARIANT_FIELDS, input, at),
    optionValues: input.optionValues == null ? before.optionValues : inOptionOrder(input.optionValues, options),
  };
}

/** @throws UserErrors INVALID when the variant would have too many metafields. */
function changedMetafields(stored: StoredProduct, { id, input }: VariantUpdate): MetafieldsDifference | null {
  const before = stored.metafieldsOfVariant(id);
  const wanted = mergedMetafields(before, input.metafields ?? [], input.metafieldsToDelete ?? []);
  throwIfAny(roomForMetafieldsFaults(wanted));
  return metafieldsDifference(before, wanted);
}
