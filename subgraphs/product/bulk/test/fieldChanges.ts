import type { WholeRecord, WholeVariant } from '../importRecord';
import { type Format, jsonLines } from './bulkJobs';
import { FULL } from './fullProduct';

export const [medium, small] = FULL.variants as [WholeVariant, WholeVariant];

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
/** The needed columns and one more, whose cells are those of the two variants' lines. */
export const csvOf = (columns: Record<string, [string, string]>): string => {
  const lines = [medium, small].map(({ sku, price }, index) => [
    FULL.externalReference,
    sku,
    price.amount,
    price.currencyCode,
    ...Object.values(columns).map((cells) => quoted(cells[index] ?? '')),
  ]);
  const header = ['external_reference', 'sku', 'price', 'currency', ...Object.keys(columns)];
  return [header, ...lines].map((cells) => cells.join(',')).join('\n');
};

export interface FieldChange {
  /** The columns that are not needed anyway, with the cells of the two variants. */
  csv: Record<string, [string, string]>;
  /** What is said of the product in JSON Lines beside its reference. */
  json: object;
  /** What that makes of it. */
  becomes: Partial<WholeRecord>;
}

const ofProduct = (
  column: string,
  cell: string,
  becomes: Partial<WholeRecord>,
  json: object = becomes,
): FieldChange => ({
  csv: { [column]: [cell, ''] },
  json,
  becomes,
});
export const said = ({ sku, price }: WholeVariant) => ({ sku, price });
/** Of the first variant. */
const ofVariant = (column: string, cell: string, becomes: Partial<WholeVariant>): FieldChange => ({
  csv: { [column]: [cell, ''] },
  json: { variants: [{ ...said(medium), ...becomes }, said(small)] },
  becomes: { variants: [{ ...medium, ...becomes }, small] },
});
const [notes, iron, raw] = FULL.metafields ?? [];
const [bin, since] = medium.metafields ?? [];
const washing = { namespace: 'care', key: 'washing', type: 'NUMBER_INTEGER', value: '30', isPublic: true } as const;

/** A change of each field that a file carries, by what it is of. */
export const FIELD_CHANGES: Record<string, FieldChange> = {
  name: ofProduct('name', 'Renamed', { name: 'Renamed' }),
  slug: ofProduct('slug', 'renamed', { slug: 'renamed' }),
  description: ofProduct('description', 'Other', { description: 'Other' }),
  vendor: ofProduct('vendor', 'Adidas', { vendor: 'Adidas' }),
  product_type: ofProduct('product_type', 'Boots', { productType: 'Boots' }),
  tags: ofProduct('tags', 'one; t\\;wo', { tags: ['one', 't;wo'] }),
  tax_class: ofProduct('tax_class', 'reduced', { taxClass: 'REDUCED' }),
  status: ofProduct('status', 'archived', { status: 'ARCHIVED' }),
  published_at: ofProduct('published_at', '2026-05-01T10:00:00+02:00', { publishedAt: '2026-05-01T08:00:00.000Z' }),
  'published_at: never': ofProduct('published_at', 'never', { publishedAt: null }),
  seo_title: ofProduct(
    'seo_title',
    'Other',
    { seo: { title: 'Other', description: FULL.seo?.description ?? '' } },
    { seo: { title: 'Other' } },
  ),
  seo_description: ofProduct(
    'seo_description',
    'Other',
    { seo: { title: FULL.seo?.title ?? '', description: 'Other' } },
    { seo: { description: 'Other' } },
  ),
  categories: ofProduct('categories', 'sale', { categories: ['sale'] }),
  'a new metafield': ofProduct(
    'metafield:care.washing:number_integer:public',
    '30',
    { metafields: [notes, iron, washing, raw] as NonNullable<WholeRecord['metafields']> },
    { metafields: [washing, ...(FULL.metafields ?? [])] },
  ),
  'a metafield of another type and for shoppers': ofProduct('metafield:care.iron:single_line_text:public', 'no', {
    metafields: [notes, { ...iron, type: 'SINGLE_LINE_TEXT', value: 'no', isPublic: true }, raw] as NonNullable<
      WholeRecord['metafields']
    >,
  }),
  price: {
    csv: {},
    json: { variants: [{ ...said(medium), price: { amount: '99.00', currencyCode: 'USD' } }, said(small)] },
    becomes: { variants: [{ ...medium, price: { amount: '99.00', currencyCode: 'USD' } }, small] },
  },
  compare_at_price: ofVariant('compare_at_price', '200.00', {
    compareAtPrice: { amount: '200.00', currencyCode: 'USD' },
  }),
  unit_cost: ofVariant('unit_cost', '1.00', { unitCost: { amount: '1.00', currencyCode: 'USD' } }),
  barcode: ofVariant('barcode', '123', { barcode: '123' }),
  weight_grams: ofVariant('weight_grams', '5', { weightGrams: 5 }),
  requires_shipping: ofVariant('requires_shipping', 'FALSE', { requiresShipping: false }),
  inventory_policy: ofVariant('inventory_policy', 'deny', { inventoryPolicy: 'DENY' }),
  low_stock_threshold: ofVariant('low_stock_threshold', '0', { lowStockThreshold: 0 }),
  image_position: ofVariant('image_position', '0', { imagePosition: 0 }),
  'a variant’s metafield': {
    csv: { 'variant_metafield:erp.bin:single_line_text': ['B-1', 'B-2'] },
    json: {
      variants: [
        { ...said(medium), metafields: [{ ...bin, value: 'B-1' }, since] },
        { ...said(small), metafields: [{ ...bin, value: 'B-2' }] },
      ],
    },
    becomes: {
      variants: [
        { ...medium, metafields: [{ ...bin, value: 'B-1' }, since] },
        { ...small, metafields: [{ ...bin, value: 'B-2' }] },
      ] as WholeRecord['variants'],
    },
  },
  'options and their values': {
    csv: {
      option1_name: ['Fit', ''],
      option1_value: ['M', 'S'],
      option1_values: ['L;S', ''],
      option2_name: ['Color', ''],
      option2_value: ['blue, light', 'red'],
    },
    json: {
      options: [{ name: 'Fit', values: ['L', 'S', 'M'] }, FULL.options?.[1]],
      variants: [medium, small].map(({ optionValues, ...variant }) => ({
        ...said({ ...variant, optionValues }),
        optionValues: [{ option: 'Fit', value: optionValues[0]?.value }, optionValues[1]],
      })),
    },
    becomes: {
      options: [{ name: 'Fit', values: ['L', 'S', 'M'] }, ...(FULL.options ?? []).slice(1)],
      variants: [medium, small].map((variant) => ({
        ...variant,
        optionValues: variant.optionValues.map((one, index) => (index === 0 ? { ...one, option: 'Fit' } : one)),
      })),
    },
  },
  image_urls: {
    csv: {
      image_urls: ['https://images.example.com/b\\;c.jpg;https://images.example.com/d.jpg', ''],
      image_position: ['1', ''],
    },
    json: {
      images: [{ url: 'https://images.example.com/b;c.jpg' }, { url: 'https://images.example.com/d.jpg' }],
      variants: [{ ...said(medium), imagePosition: 1 }, said(small)],
    },
    becomes: {
      images: [
        { url: 'https://images.example.com/b;c.jpg', altText: 'From the side; "in the rain"' },
        { url: 'https://images.example.com/d.jpg', altText: null },
      ],
    },
  },
  image_alt_texts: {
    csv: {
      image_urls: ['https://images.example.com/a.jpg;https://images.example.com/b\\;c.jpg', ''],
      image_alt_texts: ['Above;', ''],
    },
    json: {
      images: [
        { url: 'https://images.example.com/a.jpg', altText: 'Above' },
        { url: 'https://images.example.com/b;c.jpg' },
      ],
    },
    becomes: {
      images: [{ url: 'https://images.example.com/a.jpg', altText: 'Above' }, ...(FULL.images ?? []).slice(1)],
    },
  },
};
export const filesOf = ({ csv, json }: FieldChange): Record<Format, string> => ({
  CSV: csvOf(csv),
  JSONL: jsonLines({ externalReference: FULL.externalReference, ...json }),
});
