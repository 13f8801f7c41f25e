import { changedColumns } from '../fields/field';
import { VARIANT_FIELDS } from '../fields/variantFields';
import type { ProductVariant } from '../generated/prisma/client';
import { metafieldsDifference } from '../metafield/metafieldsDifference';
import { newVariant } from '../variant/newVariant';
import type { ImagesDifference } from '../write/imageRows';
import { inOptionOrder, type Option, sameOptionValues } from '../write/optionValues';
import { sameColumns } from '../write/sameColumns';
import type { StoredProduct } from '../write/storedProducts';
import type { VariantsDifference } from '../write/variantRows';
import type { WholeProduct } from './partialProduct';

type VariantInput = NonNullable<WholeProduct['variants']>[number];

/** A variant of the input, and the stored variant with the same SKU. */
interface Wanted {
  input: VariantInput;
  index: number;
  before: ProductVariant | undefined;
}

/** How a product's variants change; null when nothing changes. @throws GraphQLError BAD_USER_INPUT for an invalid amount of money. */
export function wantedVariants(
  stored: StoredProduct,
  { options, variants: inputs }: WholeProduct,
  images: ImagesDifference | null,
): VariantsDifference | null {
  if (inputs == null) return withoutGoneImages(stored, images);

  const bySku = new Map(stored.variants.map((variant) => [variant.sku, variant]));
  const wanted = inputs.map((input, index) => ({ input, index, before: bySku.get(input.sku) }));
  const skus = new Set(inputs.map(({ sku }) => sku));
  const gone = stored.variants.filter(({ sku }) => !skus.has(sku));
  const isMoved = isOtherOrder(
    wanted,
    stored.variants.filter(({ sku }) => skus.has(sku)),
  );

  const order = options ?? stored.options;
  const imageIds = (images?.wanted ?? stored.images).map(({ id }) => id);
  const goneImages = new Set(images?.gone);
  const changed = wanted.flatMap(({ input, index, before }) => {
    if (!before) return [];
    const after = keptVariant(before, input, index, { order, imageIds, goneImages });
    const metafields = variantMetafields(stored, before, input);
    const isDifferent = metafields !== null || !sameColumns(before, after);
    // If any variant moves, all are written with their new positions.
    if (!isDifferent && !isMoved) return [];
    return [{ before, after: isMoved ? { ...after, position: index } : after, metafields, isDifferent }];
  });
  const kept = wanted.flatMap(({ before }) => before ?? []);
  // Without moves, new variants get the positions after the last existing one.
  const places = isMoved ? 0 : (kept.at(-1)?.position ?? -1) + 1 - kept.length;
  const added = wanted.flatMap(({ input, index, before }) =>
    before ? [] : [{ variant: newVariant(input, order, fieldOf(index), imageIds), position: index + places }],
  );
  return gone.length + changed.length + added.length > 0 ? { gone, changed, added, isMoved } : null;
}

const fieldOf = (index: number) => ['input', 'variants', String(index)];

/** For an input without variants: variants that show a deleted image no longer show one. */
function withoutGoneImages(stored: StoredProduct, images: ImagesDifference | null): VariantsDifference | null {
  if (!images) return null;
  const changed = stored.variants
    .filter(({ imageId }) => imageId !== null && images.gone.includes(imageId))
    .map((before) => ({ before, after: { ...before, imageId: null }, metafields: null, isDifferent: true }));
  return changed.length > 0 ? { gone: [], changed, added: [], isMoved: false } : null;
}

/** Whether the remaining variants are in another order than before, or a new variant comes before one of them. */
function isOtherOrder(wanted: Wanted[], staying: ProductVariant[]): boolean {
  const kept = wanted.flatMap(({ before }) => before ?? []);
  const firstNew = wanted.findIndex(({ before }) => !before);
  return (
    kept.some((variant, index) => variant !== staying[index]) ||
    (firstNew >= 0 && wanted.slice(firstNew).some(({ before }) => before))
  );
}

const variantMetafields = (stored: StoredProduct, { id }: ProductVariant, { metafields }: VariantInput) =>
  metafields === undefined ? null : metafieldsDifference(stored.metafieldsOfVariant(id), metafields ?? []);

function keptVariant(
  before: ProductVariant,
  input: VariantInput,
  index: number,
  { order, imageIds, goneImages }: { order: readonly Option[]; imageIds: string[]; goneImages: Set<string> },
): ProductVariant {
  const { imagePosition } = input;
  const stays = before.imageId !== null && goneImages.has(before.imageId) ? null : before.imageId;
  const optionValues = inOptionOrder(input.optionValues, order);
  return {
    ...before,
    ...changedColumns<ProductVariant>(VARIANT_FIELDS, input, fieldOf(index)),
    ...input.soldAs,
    imageId: imagePosition === undefined ? stays : (imageIds[imagePosition ?? -1] ?? null),
    optionValues: sameOptionValues(before.optionValues, optionValues) ? before.optionValues : optionValues,
  };
}
