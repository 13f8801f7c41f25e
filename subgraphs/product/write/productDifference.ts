import type { Product, ProductVariant } from '../generated/prisma/client';
import type { MetafieldsDifference } from '../metafield/metafieldsDifference';
import type { ImagesDifference } from './imageRows';
import type { Option } from './optionValues';
import { priceRangeOf } from './priceRange';
import type { StoredProduct } from './storedProducts';
import type { VariantsDifference } from './variantRows';

/** How a stored product changes. A part that is null stays unchanged. */
export interface ProductDifference {
  before: Product;
  /** The new row, except for its version and update time. */
  after: Product;
  /** Whether it is published now, by the database's clock. */
  publishesNow: boolean;
  options: Option[] | null;
  categoryIds: { gone: string[]; added: string[] } | null;
  metafields: MetafieldsDifference | null;
  images: ImagesDifference | null;
  variants: VariantsDifference | null;
}

/** Completes a difference with the new price range, by which lists sort and filter. */
export function differenceOf(
  stored: StoredProduct,
  changes: Partial<Omit<ProductDifference, 'before'>>,
): ProductDifference {
  const { product: before } = stored;
  const { after = before, publishesNow = false, variants = null, ...parts } = changes;
  return {
    before,
    after: variants ? { ...after, ...priceRangeOf(variantsAfter(stored.variants, variants)) } : after,
    publishesNow,
    variants,
    options: null,
    categoryIds: null,
    metafields: null,
    images: null,
    ...parts,
  };
}

function variantsAfter(stored: ProductVariant[], { gone, changed, added }: VariantsDifference) {
  const touched = new Set([...gone, ...changed.map(({ before }) => before)].map(({ id }) => id));
  return [
    ...stored.filter(({ id }) => !touched.has(id)),
    ...changed.map(({ after }) => after),
    ...added.map(({ variant }) => variant),
  ];
}
