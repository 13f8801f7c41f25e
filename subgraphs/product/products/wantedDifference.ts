import { type Fault, hasTooMany } from '../catalog/faults';
import { publishesNow } from '../catalog/publication';
import { changedColumns } from '../fields/field';
import { PRODUCT_FIELDS } from '../fields/productFields';
import type { Product } from '../generated/prisma/client';
import type { ProductSetInput } from '../generated/resolvers';
import { matchImages } from '../media/matchImages';
import { roomForMetafieldsFaults } from '../metafield/metafieldInput';
import { metafieldsDifference } from '../metafield/metafieldsDifference';
import { variantCountFaults, variantListFaults } from '../variant/variantInput';
import type { ImagesDifference } from '../write/imageRows';
import type { Option } from '../write/optionValues';
import { differenceOf, type ProductDifference } from '../write/productDifference';
import { sameColumns, sameValue } from '../write/sameColumns';
import type { StoredProduct } from '../write/storedProducts';
import type { WholeProduct } from './partialProduct';
import { wantedVariants } from './wantedVariants';

/** The errors of an input that only the stored product reveals. */
export function setFaults(stored: StoredProduct, { options, variants, images, metafields }: WholeProduct): Fault[] {
  const matched = images === undefined ? null : matchImages(stored.images, images ?? []);
  const faults = [...(matched?.faults ?? []), ...roomForMetafieldsFaults(metafields ?? [])];
  if (variants == null) return faults;
  const wanted = options ?? stored.options;
  faults.push(...variantCountFaults(wanted, variants));
  if (hasTooMany(faults)) return faults;
  return [...faults, ...variantListFaults(wanted, variants, (matched?.images ?? stored.images).length)];
}

/**
 * Compares a product with its requested state. Variants are matched by SKU, and keep their ids and stock; a variant that is not
 * in the list is deleted. Omitted fields stay unchanged. @param input has passed {@link setFaults}.
 * @returns null when nothing changes. @throws GraphQLError BAD_USER_INPUT for an invalid amount of money.
 */
export function wantedDifference(stored: StoredProduct, input: WholeProduct): ProductDifference | null {
  const { product: before } = stored;
  const images = input.images === undefined ? null : imagesDifference(stored, input.images ?? []);
  const difference = differenceOf(stored, {
    after: { ...before, ...changedColumns<Product>(PRODUCT_FIELDS, input, ['input']) },
    publishesNow: publishesNow(before, input),
    images,
    variants: wantedVariants(stored, input, images),
    options: input.options == null || sameOptions(input.options, stored.options) ? null : input.options,
    categoryIds: input.categoryIds === undefined ? null : linksDifference(stored.categoryIds, input.categoryIds ?? []),
    metafields: input.metafields === undefined ? null : metafieldsDifference(stored.metafields, input.metafields ?? []),
  });
  const { after, options, categoryIds, metafields, variants } = difference;
  const isSame =
    !difference.publishesNow &&
    sameColumns(before, after) &&
    [options, categoryIds, metafields, images, variants].every((part) => part === null);
  return isSame ? null : difference;
}

function linksDifference(before: string[], after: readonly string[]): ProductDifference['categoryIds'] {
  const wanted = new Set(after);
  const gone = before.filter((id) => !wanted.has(id));
  const added = [...wanted].filter((id) => !before.includes(id));
  return gone.length > 0 || added.length > 0 ? { gone, added } : null;
}

function imagesDifference(
  { images: existing }: StoredProduct,
  inputs: NonNullable<ProductSetInput['images']>,
): ImagesDifference | null {
  const { images: wanted } = matchImages(existing, inputs);
  const ids = new Set(wanted.map(({ id }) => id));
  const gone = existing.flatMap(({ id }) => (ids.has(id) ? [] : [id]));
  const isSame =
    wanted.length === existing.length &&
    wanted.every(({ id, altText }, index) => existing[index]?.id === id && existing[index]?.altText === altText);
  return isSame ? null : { wanted, gone };
}

const sameOptions = (a: readonly Option[], b: readonly Option[]): boolean =>
  a.length === b.length &&
  a.every(({ name, values }, index) => name === b[index]?.name && sameValue(values, b[index]?.values));
