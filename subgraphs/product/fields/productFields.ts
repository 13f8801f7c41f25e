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
} from '../generated/resolvers';
import { csvColumn, LIST, PUBLISHED, WORD } from './csvColumn';
import { allColumns, type Field, fieldColumns } from './field';
import { fieldKinds } from './fieldKinds';
import { fileMoment, fileText, listOf, oneOf, orNull } from './fileValues';

/** What belongs to a product and has a table of its own, and what is said of a change. */
type NotOfItsRow =
  | 'metafields'
  | 'metafieldsToDelete'
  | 'categoryIds'
  | 'options'
  | 'variants'
  | 'images'
  | 'expectedVersion';

/** Whatever an input of the SDL names of a product itself. */
export type ProductFieldName = Exclude<
  keyof ProductCreateInput | keyof ProductUpdateInput | keyof ProductSetInput,
  NotOfItsRow
>;

/** What the SDL has in all three inputs and in the type: a field that is not there has the type never in the table below. */
type InAllOfTheSdl = keyof ProductCreateInput & keyof ProductUpdateInput & keyof ProductSetInput & keyof ProductType;

/** What an input may say of a product itself. What is left out stays as it is; null takes away what can be taken away. */
export type ProductFields = {
  [Name in ProductFieldName & InAllOfTheSdl]?: ProductCreateInput[Name] | null;
};

const { requiredText, text: textField, textOrNull } = fieldKinds<Product>();

const STATUSES = ['DRAFT', 'ACTIVE', 'ARCHIVED'] as const satisfies ProductStatus[];

/**
 * The fields of a product: what the API takes of it, how it is checked, which columns keep it, and how a file has it. Inputs, rows,
 * imports and exports follow this table, and its type follows the SDL: the compiler says here what a new field still lacks.
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
  description: textField('description', { max: 65_535, keepSpace: true }),
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
      title: orNull(text({ max: 255, min: 0, keepSpace: true })),
      description: orNull(text({ max: 1_000, min: 0, keepSpace: true })),
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
  externalReference: textOrNull('externalReference', { max: 255, keepSpace: true }),
  publishedAt: {
    columns: { publishedAt: 'timestamptz' },
    isRequired: false,
    // A file has a text, and so has the type; the API's scalar gives a Date.
    reader: z.custom<string>(isStorable, 'Expected a year from 1970 to 9999.'),
    toColumns: (publishedAt) => ({ publishedAt: publishedAt === null ? null : new Date(publishedAt) }),
    // Of a product that is not ACTIVE, null would say that it is not published when it becomes so.
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

/** Those of the fields. */
export const PRODUCT_FIELD_COLUMNS = fieldColumns(PRODUCT_FIELDS);

/** All of a product's row, as Prisma's Product has them. */
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
