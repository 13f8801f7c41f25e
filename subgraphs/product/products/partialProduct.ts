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

/** How an existing variant is sold. productSet can't change it; an imported file can. */
interface SoldAs {
  inventoryPolicy?: InventoryPolicy;
  lowStockThreshold?: number | null;
}

/** The requested state of a product. An imported file may leave out more than productSet. */
export interface PartialProduct extends Omit<ProductSetInput, 'variants'> {
  variants?: PartialVariant[] | null;
  /** Keeps metafields that the input does not name. */
  keepsMetafields?: boolean;
  /** Deletes these of the kept metafields. */
  metafieldsToDelete?: readonly MetafieldNameInput[];
}

/** Omitted option values are those of the existing variant with the same SKU. */
export interface PartialVariant extends Omit<ProductVariantInput, 'optionValues'> {
  optionValues?: OptionValueInput[];
  soldAs?: SoldAs;
}

type WholeVariant = ProductVariantInput & { soldAs?: SoldAs };

/** The requested state of a product, without gaps. */
export interface WholeProduct extends Omit<ProductSetInput, 'variants'> {
  variants?: WholeVariant[] | null;
}

/** Whether an input can be validated completely without the stored product. */
export function isWhole({ options, variants, images, metafields, keepsMetafields }: PartialProduct): boolean {
  const lists = [metafields, ...(variants ?? []).map((variant) => variant.metafields)];
  const addsMetafields = keepsMetafields && lists.some((list) => list != null && list.length > 0);
  const namesImages = (images ?? []).some(({ id }) => id != null);
  if (addsMetafields || namesImages) return false;
  if (variants == null) return true;
  const hasImages = images !== undefined || variants.every(({ imagePosition }) => imagePosition == null);
  return hasImages && options != null && variants.every(({ optionValues }) => optionValues !== undefined);
}

/** The parts of stored products that a comparison with these inputs needs. */
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

/** Fills an input's gaps from the stored product. */
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
