import { count, type Fault } from '../catalog/faults';
import { productColumns } from '../catalog/productFields';
import type { Product, ProductVariant } from '../generated/prisma/client';
import type { MetafieldInput, ProductSetInput } from '../generated/resolvers';
import { matchImages, type WantedImage } from '../media/imageRows';
import { MAX_METAFIELDS } from '../metafield/metafieldInput';
import type { Option } from '../option/optionChange';
import {
  combinationOf,
  inOptionOrder,
  type OptionValue,
  variantColumns,
  variantCountFaults,
  variantListFaults,
} from '../variant/variantInput';
import { priceRangeOf } from '../write/priceRange';
import type { StoredProduct } from '../write/storedProducts';
import { type NewVariant, newVariant } from '../write/variantRows';
import type { WholeProduct } from './partialProduct';

/** What becomes different of a product. Null: that part of it stays as it is. */
export interface ProductDifference {
  before: Product;
  /** As it is to be, but for its version and the time. */
  after: Product;
  /** Shoppers see it from now on, by the database's clock. */
  publishesNow: boolean;
  options: Option[] | null;
  categoryIds: { gone: string[]; added: string[] } | null;
  metafields: readonly MetafieldInput[] | null;
  images: ImagesDifference | null;
  variants: VariantsDifference | null;
}

interface ImagesDifference {
  /** All that it has from now on. */
  wanted: WantedImage[];
  gone: string[];
}

interface VariantsDifference {
  gone: ProductVariant[];
  changed: ChangedVariant[];
  added: { variant: NewVariant; position: number }[];
  /** Whether some of those that stay get another place. */
  isMoved: boolean;
}

export interface ChangedVariant {
  before: ProductVariant;
  after: ProductVariant;
  metafields: readonly MetafieldInput[] | null;
  /** Not only its place: that alone makes no new version of it. */
  isDifferent: boolean;
}

const fieldOf = (index: number) => ['input', 'variants', String(index)];

/** What is wrong with an input that only shows in what the product has. */
export function setFaults(stored: StoredProduct, { options, variants, images, metafields }: WholeProduct): Fault[] {
  const matched = images === undefined ? null : matchImages(stored.images, images ?? []);
  const wanted = options ?? stored.options;
  const faults = [
    ...(matched?.faults ?? []),
    ...count(['input', 'metafields'], metafields ?? [], 0, MAX_METAFIELDS),
    ...(variants == null ? [] : variantCountFaults(wanted, variants)),
  ];
  if (variants == null || faults.length > 0) return faults;
  return variantListFaults(wanted, variants, (matched?.images ?? stored.images).length);
}

/**
 * Compares a product with what it is to be. A variant is the same one when it has the same SKU: it keeps its id and its stock.
 * One that is not in the list goes. What the input leaves out stays. @param input without {@link setFaults}. @returns null when
 * nothing becomes different. @throws GraphQLError BAD_USER_INPUT for money that is none.
 */
export function differenceOf(stored: StoredProduct, input: WholeProduct): ProductDifference | null {
  const { product: before, metafields } = stored;
  const images = input.images === undefined ? null : imagesDifference(stored, input.images ?? []);
  const variants = variantsDifference(stored, input, images);
  const kept = variants && [
    ...variants.changed.map(({ after }) => after),
    ...variants.added.map(({ variant }) => variant),
  ];
  const untouched = kept && stored.variants.filter((variant) => !isTouched(variants, variant));
  const publishesNow = isFirstTime(before, input);
  const after: Product = {
    ...before,
    ...productColumns(input),
    ...(input.slug != null && { slug: input.slug }),
    ...(kept && untouched && priceRangeOf([...kept, ...untouched])),
  };
  const difference: ProductDifference = {
    before,
    after,
    publishesNow,
    options: input.options == null || sameOptions(input.options, stored.options) ? null : input.options,
    categoryIds: input.categoryIds === undefined ? null : linksDifference(stored.categoryIds, input.categoryIds ?? []),
    metafields:
      input.metafields === undefined || sameMetafields(metafields, input.metafields ?? [])
        ? null
        : (input.metafields ?? []),
    images,
    variants,
  };
  const { options, categoryIds } = difference;
  const parts = [options, categoryIds, difference.metafields, images, variants];
  return publishesNow || !sameColumns(before, after) || parts.some((part) => part !== null) ? difference : null;
}

/** ACTIVE for the first time publishes at once, unless the input says otherwise. */
const isFirstTime = (before: Product, { status, publishedAt }: WholeProduct): boolean =>
  status === 'ACTIVE' && before.status !== 'ACTIVE' && before.publishedAt === null && publishedAt === undefined;

const isTouched = ({ gone, changed }: VariantsDifference, variant: ProductVariant): boolean =>
  gone.includes(variant) || changed.some(({ before }) => before === variant);

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

function variantsDifference(
  stored: StoredProduct,
  { options, variants: inputs }: WholeProduct,
  images: ImagesDifference | null,
): VariantsDifference | null {
  const goneImages = new Set(images?.gone ?? []);
  const imageIds = (images?.wanted ?? stored.images).map(({ id }) => id);
  if (inputs == null) {
    const changed = stored.variants
      .filter(({ imageId }) => imageId !== null && goneImages.has(imageId))
      .map((before) => ({ before, after: { ...before, imageId: null }, metafields: null, isDifferent: true }));
    return changed.length > 0 ? { gone: [], changed, added: [], isMoved: false } : null;
  }

  const bySku = new Map(stored.variants.map((variant) => [variant.sku, variant]));
  const wanted = inputs.map((input, index) => ({ input, index, before: bySku.get(input.sku) }));
  const skus = new Set(inputs.map(({ sku }) => sku));
  const gone = stored.variants.filter(({ sku }) => !skus.has(sku));
  const staying = stored.variants.filter(({ sku }) => skus.has(sku));
  const kept = wanted.flatMap(({ before }) => (before ? [before] : []));
  const firstNew = wanted.findIndex(({ before }) => !before);
  const isMoved =
    kept.some((variant, index) => variant !== staying[index]) ||
    (firstNew >= 0 && wanted.slice(firstNew).some(({ before }) => before));
  // New ones at the end go behind those that stay where they are.
  const places = isMoved ? 0 : (kept.at(-1)?.position ?? -1) + 1 - kept.length;

  const order = options ?? stored.options;
  const changed = wanted.flatMap(({ input, index, before }) => {
    if (!before) return [];
    const after = keptVariant(before, input, index, { order, imageIds, goneImages });
    const metafields = stored.variantMetafields.get(before.id) ?? [];
    const hasSameMetafields = input.metafields === undefined || sameMetafields(metafields, input.metafields ?? []);
    const isDifferent = !hasSameMetafields || !sameColumns(before, after);
    if (!isDifferent && !isMoved) return [];
    return [
      {
        before,
        after: { ...after, position: isMoved ? index : before.position },
        metafields: hasSameMetafields ? null : (input.metafields ?? []),
        isDifferent,
      },
    ];
  });
  const added = wanted.flatMap(({ input, index, before }) =>
    before ? [] : [{ variant: newVariant(input, order, fieldOf(index), imageIds), position: index + places }],
  );
  return gone.length + changed.length + added.length > 0 ? { gone, changed, added, isMoved } : null;
}

function keptVariant(
  before: ProductVariant,
  input: NonNullable<WholeProduct['variants']>[number],
  index: number,
  { order, imageIds, goneImages }: { order: Option[]; imageIds: string[]; goneImages: Set<string> },
): ProductVariant {
  const { imagePosition } = input;
  const stays = before.imageId !== null && goneImages.has(before.imageId) ? null : before.imageId;
  const optionValues = inOptionOrder(input.optionValues, order);
  return {
    ...before,
    ...variantColumns(input, fieldOf(index)),
    ...input.soldAs,
    imageId: imagePosition === undefined ? stays : (imageIds[imagePosition ?? -1] ?? null),
    optionValues: sameValues(before.optionValues, optionValues)
      ? before.optionValues
      : optionValues.map((value) => ({ ...value })),
  };
}

/** Of two rows of a table. Whatever column is new to it is compared as well. */
export const sameColumns = <Row extends object>(before: Row, after: Row): boolean =>
  (Object.keys(before) as (keyof Row)[]).every((name) => sameValue(before[name], after[name]));

function sameValue(a: unknown, b: unknown): boolean {
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  return a === b || (Array.isArray(a) && JSON.stringify(a) === JSON.stringify(b));
}

const sameOptions = (a: readonly Option[], b: readonly Option[]): boolean =>
  a.length === b.length &&
  a.every(({ name, values }, index) => name === b[index]?.name && sameValue(values, b[index]?.values));

function sameMetafields(before: readonly MetafieldInput[], after: readonly MetafieldInput[]): boolean {
  const written = ({ namespace, key, type, value, isPublic }: MetafieldInput) =>
    JSON.stringify([namespace, key, type, value, isPublic]);
  return before.length === after.length && before.map(written).sort().join() === after.map(written).sort().join();
}

const sameValues = (a: OptionValue[], b: OptionValue[]): boolean =>
  combinationOf(a) === combinationOf(b) && a.every(({ option }, index) => option === b[index]?.option);
