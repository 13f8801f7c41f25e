import type {
  InventoryPolicy,
  MetafieldInput,
  OptionValueInput,
  ProductSetInput,
  ProductVariantInput,
} from '../generated/resolvers';
import type { StoredProduct } from '../write/storedProducts';

/** How a variant that is there is sold from now on. productSet leaves that; a file may say it. */
export interface SoldAs {
  inventoryPolicy?: InventoryPolicy;
  lowStockThreshold?: number | null;
}

/** What a product is to be, as a file may say it: it may leave out more than productSet does. */
export interface PartialProduct extends Omit<ProductSetInput, 'variants'> {
  variants?: PartialVariant[] | null;
  /** Metafields that are not named stay. */
  keepsMetafields?: boolean;
}

/** Left out, its option values are those of the variant with its SKU. */
export interface PartialVariant extends Omit<ProductVariantInput, 'optionValues'> {
  optionValues?: OptionValueInput[];
  soldAs?: SoldAs;
}

/** What a product is to be. */
export interface WholeProduct extends Omit<ProductSetInput, 'variants'> {
  variants?: (ProductVariantInput & { soldAs?: SoldAs })[] | null;
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

/** An input with what the product has where it says nothing. */
export function completed(stored: StoredProduct, { keepsMetafields, ...input }: PartialProduct): WholeProduct {
  const merged = (given: readonly MetafieldInput[] | null | undefined, before: readonly MetafieldInput[]) =>
    keepsMetafields && given ? withOthers(given, before) : given;
  const bySku = new Map(stored.variants.map((variant) => [variant.sku, variant]));
  const variants = input.variants?.map((variant) => {
    const before = bySku.get(variant.sku);
    const metafields = merged(variant.metafields, (before && stored.variantMetafields.get(before.id)) ?? []);
    const optionValues = variant.optionValues ?? before?.optionValues ?? [];
    return { ...variant, optionValues, ...(metafields !== undefined && { metafields: metafields && [...metafields] }) };
  });
  const metafields = merged(input.metafields, stored.metafields);
  return {
    ...input,
    ...(variants !== undefined && { variants }),
    ...(metafields !== undefined && { metafields: metafields && [...metafields] }),
  } as WholeProduct;
}

/** Those that are given first, so that what is said of them keeps its place. */
function withOthers(given: readonly MetafieldInput[], before: readonly MetafieldInput[]): MetafieldInput[] {
  const nameOf = ({ namespace, key }: MetafieldInput) => `${namespace}.${key}`;
  const named = new Set(given.map(nameOf));
  return [...given, ...before.filter((metafield) => !named.has(nameOf(metafield)))];
}
