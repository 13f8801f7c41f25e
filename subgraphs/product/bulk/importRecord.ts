import { z } from 'zod';
import { MAX_METAFIELDS, MAX_VARIANTS } from '../../shared/limits';
import { fileShapeOf } from '../fields/field';
import { boundedListOf, fileText, fileTextKept, fileWhole, listOf, oneOf, orNull } from '../fields/fileValues';
import { PRODUCT_FIELDS } from '../fields/productFields';
import { VARIANT_FIELDS } from '../fields/variantFields';
import { METAFIELD_TYPES } from '../metafield/metafieldInput';

const metafields = boundedListOf(
  z.strictObject({
    namespace: fileText,
    key: fileText,
    type: oneOf(METAFIELD_TYPES),
    value: fileTextKept,
    isPublic: z.boolean('Expected true or false.').default(false),
  }),
  MAX_METAFIELDS,
);

/**
 * One product of a file: the input of productSet, except that categories are named by their slugs, and that the reference in the
 * merchant's own system identifies the product. Omitted fields stay unchanged; the SKU identifies a variant.
 */
export const importRecord = z.strictObject({
  ...fileShapeOf(PRODUCT_FIELDS),
  externalReference: fileText,
  categories: orNull(listOf(fileText)),
  metafields: orNull(metafields),
  options: orNull(listOf(z.strictObject({ name: fileText, values: listOf(fileText) }))),
  variants: orNull(
    boundedListOf(
      z.strictObject({
        ...fileShapeOf(VARIANT_FIELDS),
        sku: fileText,
        price: VARIANT_FIELDS.price.inFile,
        optionValues: listOf(z.strictObject({ option: fileText, value: fileText })).exactOptional(),
        quantityOnHand: fileWhole.default(0),
        inventoryPolicy: oneOf(['DENY', 'CONTINUE']).exactOptional(),
        lowStockThreshold: orNull(fileWhole),
        imagePosition: orNull(fileWhole),
        metafields: orNull(metafields),
      }),
      MAX_VARIANTS,
    ),
  ),
  images: orNull(listOf(z.strictObject({ id: orNull(fileText), url: orNull(fileText), altText: orNull(fileText) }))),
});

export type ImportRecord = z.output<typeof importRecord>;
export type ImportVariant = NonNullable<ImportRecord['variants']>[number];

/** A record in which every field is present, unless its absence has a meaning: so the compiler reports a field that exports forget. */
export type WholeRecord = Omit<Required<ImportRecord>, 'publishedAt' | 'variants'> &
  Pick<ImportRecord, 'publishedAt'> & { variants: WholeVariant[] };
/** As {@link WholeRecord}. Stock is left out for callers who may not see it. */
export type WholeVariant = Omit<Required<ImportVariant>, 'quantityOnHand' | 'lowStockThreshold'> &
  Partial<Pick<ImportVariant, 'quantityOnHand' | 'lowStockThreshold'>>;
