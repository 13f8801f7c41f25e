import { z } from 'zod';
import { list, text } from '../../shared/inputReader';
import { isSlug, SLUG_EXPECTED } from '../catalog/slug';
import type { Product } from '../generated/prisma/client';
import type {
  ProductCreateInput,
  ProductSetInput,
  ProductStatus,
  Product as ProductType,
  ProductUpdateInput,
  TaxClass,
} from '../generated/resolvers';
import { csvColumn, LIST, PUBLISHED, WORD } from './csvColumn';
import { allColumns, type Field, fieldColumns } from './field';
import { fieldKinds } from './fieldKinds';
import { fileMoment, fileText, listOf, oneOf, orNull } from './fileValues';

/** Input fields that are stored in tables of their own, or that concern the change and not the product. */
type NotOfItsRow =
  | 'metafields'
  | 'metafieldsToDelete'
  | 'categoryIds'
  | 'options'
  | 'variants'
  | 'images'
  | 'expectedVersion';

/** Every input field of the SDL that is stored in the product's own row. */
export type ProductFieldName = Exclude<
  keyof ProductCreateInput | keyof ProductUpdateInput | keyof ProductSetInput,
  NotOfItsRow
>;

/** Fields that the SDL has in all three inputs and in the type. Any other field gets the type never below, so the compiler reports it. */
type InAllOfTheSdl = keyof ProductCreateInput & keyof ProductUpdateInput & keyof ProductSetInput & keyof ProductType;

/** An input's fields of the product's own row. Omitted fields stay unchanged; null clears an optional one. */
export type ProductFields = {
  [Name in ProductFieldName & InAllOfTheSdl]?: ProductCreateInput[Name] | null;
};

const { requiredText, text: textField, textOrNull } = fieldKinds<Product>();

const STATUSES = ['DRAFT', 'ACTIVE', 'ARCHIVED'] as const satisfies ProductStatus[];

const TAX_CLASSES = ['STANDARD', 'REDUCED', 'ZERO', 'EXEMPT'] as const satisfies TaxClass[];

/**
 * The fields of a product: validation, columns, and representation in files. Writes, imports and exports are derived from this
 * table, and its type from the SDL, so the compiler reports here what a new field of the SDL still lacks.
 */
export const PRODUCT_FIELDS = {
  name: requiredText('name', { max: 255 }),
  slug: {
    columns: { slug: 'text' },
    isRequired: true,
    reader: z.string().refine(isSlug, `Expected ${SLUG_EXPECTED}.`),
    toColumns: (slug) => ({ slug: slug ?? '' }),
    fromRow: ({ slug }) => slug,
    inFile: fileText,
    csv: [csvColumn('slug', 'slug')],
  },
  description: textField('description', { max: 65_535, lines: true }),
  vendor: textField('vendor', { max: 255 }),
  productType: textField('productType', { max: 255 }),
  tags: {
    columns: { tags: 'text[]' },
    isRequired: false,
    reader: list(text(64), { max: 100 }),
    toColumns: (tags) => ({ tags: [...new Set(tags)] }),
    fromRow: ({ tags }) => tags,
    inFile: listOf(fileText),
    csv: [csvColumn('tags', 'tags', LIST)],
  },
  taxClass: {
    columns: { taxClass: '"TaxClass"' },
    isRequired: false,
    reader: z.enum(TAX_CLASSES),
    toColumns: (taxClass) => ({ taxClass: taxClass ?? 'STANDARD' }),
    fromRow: ({ taxClass }) => taxClass,
    inFile: oneOf(TAX_CLASSES),
    csv: [csvColumn('tax_class', 'taxClass', WORD)],
  },
  status: {
    columns: { status: '"ProductStatus"' },
    isRequired: true,
    reader: z.enum(STATUSES),
    toColumns: (status) => ({ status: status ?? 'DRAFT' }),
    fromRow: ({ status }) => status,
    inFile: oneOf(STATUSES),
    csv: [csvColumn('status', 'status', WORD)],
  },
  seo: {
    columns: { seoTitle: 'text', seoDescription: 'text' },
    isRequired: false,
    reader: z.object({
      title: orNull(text({ max: 255, min: 0 })),
      description: orNull(text({ max: 1_000, min: 0, lines: true })),
    }),
    toColumns: (seo) => ({
      ...(seo?.title !== undefined && { seoTitle: seo.title || null }),
      ...(seo?.description !== undefined && { seoDescription: seo.description || null }),
      ...(seo === null && { seoTitle: null, seoDescription: null }),
    }),
    fromRow: ({ seoTitle, seoDescription }) => ({ title: seoTitle, description: seoDescription }),
    inFile: z.strictObject({ title: orNull(fileText), description: orNull(fileText) }),
    csv: [csvColumn('seo_title', 'seo.title'), csvColumn('seo_description', 'seo.description')],
  },
  externalReference: textOrNull('externalReference', { max: 255 }),
  publishedAt: {
    columns: { publishedAt: 'timestamptz' },
    isRequired: false,
    // A string in files and in the generated type, although the API's scalar parses to a Date.
    reader: z.custom<string>(isStorable, 'Expected a year from 1970 to 9999.'),
    toColumns: (publishedAt) => ({ publishedAt: publishedAt === null ? null : new Date(publishedAt) }),
    // Omitted while the product is not ACTIVE: an imported null would keep it unpublished when it becomes ACTIVE.
    fromRow: ({ publishedAt, status }) => publishedAt?.toISOString() ?? (status === 'ACTIVE' ? null : undefined),
    inFile: fileMoment,
    csv: [csvColumn('published_at', 'publishedAt', PUBLISHED)],
  },
} satisfies {
  [Name in ProductFieldName]: Name extends InAllOfTheSdl ? Field<NonNullable<ProductFields[Name]>, Product> : never;
};

function isStorable(moment: unknown): boolean {
  if (typeof moment !== 'string' && !(moment instanceof Date)) return false;
  const year = new Date(moment).getUTCFullYear();
  return year >= 1970 && year <= 9999;
}

/** The columns of {@link PRODUCT_FIELDS}. */
export const PRODUCT_FIELD_COLUMNS = fieldColumns(PRODUCT_FIELDS);

/** All columns of a product's row, by Prisma's names. */
export const PRODUCT_COLUMNS = allColumns<Product, typeof PRODUCT_FIELDS>(PRODUCT_FIELDS, {
  tenantId: 'text',
  id: 'text',
  isAnnounced: 'boolean',
  minPriceAmount: 'bigint',
  maxPriceAmount: 'bigint',
  currencyCode: 'text',
  version: 'int',
  createdAt: 'timestamptz',
  updatedAt: 'timestamptz',
});
