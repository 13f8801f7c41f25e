import { z } from 'zod';
import { METAFIELD_TYPES } from '../metafield/metafieldInput';

/** As a GraphQL field without an exclamation mark: null, or left out, which are not the same. */
const orNull = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().exactOptional();

/** PostgreSQL keeps no NUL, and JSON can write what is no Unicode. */
const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0');
const text = z.string('Expected a text.').refine(isStorable, 'Expected well-formed Unicode without NUL.');
const whole = z.int('Expected a whole number.');
const oneOf = <const Names extends readonly string[]>(names: Names) => z.enum(names, `Expected ${names.join(', ')}.`);
const listOf = <Entry extends z.ZodType>(entry: Entry) => z.array(entry, 'Expected a list.');
const moment = z.iso.datetime({ offset: true, error: 'Expected a moment such as 2026-11-24T09:30:00Z.' });

const money = z.strictObject({ amount: text, currencyCode: text }, 'Expected { amount, currencyCode }.');
const metafields = listOf(
  z.strictObject({
    namespace: text,
    key: text,
    type: oneOf(METAFIELD_TYPES),
    value: text,
    isPublic: z.boolean('Expected true or false.').default(false),
  }),
);

/**
 * One product of a file: what productSet takes, but for categories, which are named by their slugs, and for the reference in the
 * merchant's own system, which says which product it is. What is left out stays as it is; a variant is told by its SKU.
 */
export const importRecord = z.strictObject({
  externalReference: text,
  name: orNull(text),
  slug: orNull(text),
  description: orNull(text),
  vendor: orNull(text),
  productType: orNull(text),
  tags: orNull(listOf(text)),
  status: orNull(oneOf(['DRAFT', 'ACTIVE', 'ARCHIVED'])),
  publishedAt: orNull(moment),
  seo: orNull(z.strictObject({ title: orNull(text), description: orNull(text) })),
  categories: orNull(listOf(text)),
  metafields: orNull(metafields),
  options: orNull(listOf(z.strictObject({ name: text, values: listOf(text) }))),
  variants: orNull(
    listOf(
      z.strictObject({
        sku: text,
        price: money,
        compareAtPrice: orNull(money),
        unitCost: orNull(money),
        barcode: orNull(text),
        weightGrams: orNull(whole),
        optionValues: listOf(z.strictObject({ option: text, value: text })).exactOptional(),
        stock: whole.default(0),
        inventoryPolicy: oneOf(['DENY', 'CONTINUE']).exactOptional(),
        lowStockThreshold: orNull(whole),
        imagePosition: orNull(whole),
        metafields: orNull(metafields),
      }),
    ),
  ),
  images: orNull(listOf(z.strictObject({ id: orNull(text), url: orNull(text), altText: orNull(text) }))),
});

export type ImportRecord = z.output<typeof importRecord>;
export type ImportVariant = NonNullable<ImportRecord['variants']>[number];

/** All that a product has, but for what its absence says: a new field is missed here by the compiler. */
export type WholeRecord = Omit<Required<ImportRecord>, 'publishedAt' | 'variants'> &
  Pick<ImportRecord, 'publishedAt'> & { variants: WholeVariant[] };
/** As {@link WholeRecord}. Its stock is left out for who may not see it. */
export type WholeVariant = Omit<Required<ImportVariant>, 'stock' | 'lowStockThreshold'> &
  Partial<Pick<ImportVariant, 'stock' | 'lowStockThreshold'>>;
