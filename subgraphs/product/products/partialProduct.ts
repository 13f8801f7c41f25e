import type { ProductVariant } from '../generated/prisma/client';
import type {
  InventoryPolicy,
  MetafieldNameInput,
  OptionValueInput,
  ProductSetInput,
  ProductVariantInput,
} from '../generated/resolvers';
import { mergedMetafields } from '../metafield/metafieldsDifference';
import type { Part, StoredProduct } from '../write/storedProducts';

/** How a variant that is there is sold from now on. productSet leaves that; a file may say it. */
interface SoldAs {
  inventoryPolicy?: InventoryPolicy;
  lowStockThreshold?: number | null;
}

/** What a product is to be, as a file may say it: it may leave out more than productSet does. */
export interface PartialProduct extends Omit<ProductSetInput, 'variants'> {
  variants?: PartialVariant[] | null;
  /** Metafields that are not named stay. */
  keepsMetafields?: boolean;
  /** Of those that would stay. */
  metafieldsToDelete?: readonly MetafieldNameInput[];
}

/** Left out, its option values are those of the variant with its SKU. */
export interface PartialVariant extends Omit<ProductVariantInput, 'optionValues'> {
  optionValues?: OptionValueInput[];
  soldAs?: SoldAs;
}

type WholeVariant = ProductVariantInput & { soldAs?: SoldAs };

/** What a product is to be. */
export interface WholeProduct extends Omit<ProductSetInput, 'variants'> {
  variants?: WholeVariant[] | null;
}

/** Whether all that it takes to check an input is in it, and nothing in what the product has. */
export function isWhole({ options, variants, images, metafields, keepsMetafields }: PartialProduct): boolean {
  const lists = [metafields, ...(variants ?? []).map((variant) => variant.metafields)];
  const addsMetafields = keepsMetafields && lists.some((list) => list != null && list.length > 0);
  const namesImages = (images ?? []).some(({ id }) => id != null);
  if (addsMetafields || namesImages) return false;
  if (variants == null) return true;
  const hasImages = images !== undefined || variants.every(({ imagePosition }) => imagePosition == null);
  return hasImages && options != null && variants.every(({ optionValues }) => optionValues !== undefined);
}

/** What has to be read of products to compare them with these inputs. */
export function partsOf(inputs: PartialProduct[]): Set<Part> {
  const parts = new Set<Part>();
  const add = (...names: Part[]) => {
    for (const name of names) parts.add(name);
  };
  for (const { variants, images, categoryIds, metafields } of inputs) {
    if (variants != null) add('options', 'variants', 'images');
    if (images !== undefined) add('images', 'variants');
    if (variants?.some((variant) => variant.metafields !== undefined)) add('variantMetafields');
    if (categoryIds !== undefined) add('categoryIds');
    if (metafields !== undefined) add('metafields');
  }
  return parts;
}

/** An input with what the product has where it says nothing. */
export function completed(
  stored: StoredProduct,
  { keepsMetafields = false, metafieldsToDelete, variants, metafields, ...input }: PartialProduct,
): WholeProduct {
  const bySku = new Map(variants && stored.variants.map((variant) => [variant.sku, variant]));
  return {
    ...input,
    ...(metafields !== undefined && {
      metafields:
        keepsMetafields && metafields
          ? mergedMetafields(stored.metafields, metafields, metafieldsToDelete)
          : metafields,
    }),
    ...(variants != null && {
      variants: variants.map((one) => wholeVariant(stored, one, bySku.get(one.sku), keepsMetafields)),
    }),
  };
}

function wholeVariant(
  stored: StoredProduct,
  { metafields, ...variant }: PartialVariant,
  before: ProductVariant | undefined,
  keepsMetafields: boolean,
): WholeVariant {
  return {
    ...variant,
    optionValues: variant.optionValues ?? before?.optionValues ?? [],
    ...(metafields !== undefined && {
      metafields:
        keepsMetafields && metafields && before
          ? mergedMetafields(stored.metafieldsOfVariant(before.id), metafields)
          : metafields,
    }),
  };
}
