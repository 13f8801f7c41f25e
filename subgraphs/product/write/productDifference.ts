import type { Product, ProductVariant } from '../generated/prisma/client';
import type { MetafieldsDifference } from '../metafield/metafieldsDifference';
import type { ImagesDifference } from './imageRows';
import type { Option } from './optionValues';
import { priceRangeOf } from './priceRange';
import type { StoredProduct } from './storedProducts';
import type { VariantsDifference } from './variantRows';

/** What becomes different of a stored product. Null: that part of it stays as it is. */
export interface ProductDifference {
  before: Product;
  /** As it is to be, but for its version and the time. */
  after: Product;
  /** Shoppers see it from now on, by the database's clock. */
  publishesNow: boolean;
  options: Option[] | null;
  categoryIds: { gone: string[]; added: string[] } | null;
  metafields: MetafieldsDifference | null;
  images: ImagesDifference | null;
  variants: VariantsDifference | null;
}

/** With what else becomes different by that: the price range, which lists sort and filter by. */
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
