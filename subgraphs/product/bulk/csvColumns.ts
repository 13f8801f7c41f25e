import type { MetafieldInput } from '../generated/resolvers';
import { METAFIELD_TYPES } from '../metafield/metafieldInput';
import { cellOfList, listOfCell } from './csvLists';
import type { WholeRecord } from './importRecord';

/** A line's cells by the names of their columns. */
export type CsvLine = Partial<Record<string, string>>;

export interface CsvColumn {
  name: string;
  /** A product is said once, in the first of its lines; a variant in its own. */
  of: 'product' | 'variant';
  /** Where it is in the record of the product, or of the variant. */
  path: readonly string[];
  /** What a cell says that is not empty; undefined for nothing by itself. */
  read(cell: string, line: CsvLine): unknown;
  /** The cell for what a record has at the path. */
  write(value: unknown): string;
  /** Of a column of metafields: which one each of its cells is a value of. */
  metafield?: Omit<MetafieldInput, 'value'>;
}

type Codec = Pick<CsvColumn, 'read' | 'write'>;

const asText = (value: unknown) => (value == null ? '' : String(value));
const TEXT: Codec = { read: (cell) => cell, write: asText };
/** Checked as what it is: a text where it is none. */
const WHOLE: Codec = { read: (cell) => (/^[+-]?\d{1,15}$/.test(cell) ? Number(cell) : cell), write: asText };
const WORD: Codec = { read: (cell) => cell.toUpperCase(), write: asText };
const LIST: Codec = {
  read: (cell) => listOfCell(cell).filter(Boolean),
  write: (value) => cellOfList((value ?? []) as string[]),
};
const MONEY: Codec = {
  read: (amount, { currency = '' }) => ({ amount, currencyCode: currency }),
  write: (value) => (value as { amount: string } | null | undefined)?.amount ?? '',
};
/** Null has a word of its own here: with an empty cell, what is ACTIVE would be published at once. */
const PUBLISHED: Codec = {
  read: (cell) => (cell.toLowerCase() === 'never' ? null : cell),
  write: (value) => (value === null ? 'never' : asText(value)),
};
/** Read with the column that it belongs to. */
const written = (write: Codec['write']): Codec => ({ read: () => undefined, write });

const imagesCodec = (write: (image: Image) => string): Codec => ({
  read: (_cell, line) => imagesOfLine(line),
  write: (value) => {
    const cells = ((value ?? []) as Image[]).map(write);
    return cells.some(Boolean) ? cellOfList(cells) : '';
  },
});
type Image = NonNullable<WholeRecord['images']>[number];

const IMAGE_ID = /^pimg_/;

function imagesOfLine({ image_urls: named = '', image_alt_texts: described = '' }: CsvLine): Image[] {
  const [names, texts] = [listOfCell(named), listOfCell(described)];
  return Array.from({ length: Math.max(names.length, texts.length) }, (_, index) => {
    const [name, altText] = [names[index], texts[index]];
    return { ...(name && { [IMAGE_ID.test(name) ? 'id' : 'url']: name }), ...(altText && { altText }) };
  }).filter((image) => Object.keys(image).length > 0);
}

const column =
  (of: CsvColumn['of']) =>
  (name: string, path: string, codec: Codec = TEXT): CsvColumn => ({ name, of, path: path.split('.'), ...codec });
const product = column('product');
const variant = column('variant');

export const OPTION_NUMBERS = [1, 2, 3] as const;

/** All but those of metafields, of which a file has as many as it likes, in the order in which they are written. */
export const CSV_COLUMNS: readonly CsvColumn[] = [
  product('external_reference', 'externalReference'),
  product('name', 'name'),
  product('slug', 'slug'),
  product('description', 'description'),
  product('vendor', 'vendor'),
  product('product_type', 'productType'),
  product('tags', 'tags', LIST),
  product('status', 'status', WORD),
  product('published_at', 'publishedAt', PUBLISHED),
  product('seo_title', 'seo.title'),
  product('seo_description', 'seo.description'),
  product('categories', 'categories', LIST),
  ...OPTION_NUMBERS.flatMap((n) => [
    product(`option${n}_name`, `options.${n - 1}.name`, written(asText)),
    variant(`option${n}_value`, `optionValues.${n - 1}.value`, written(asText)),
    product(`option${n}_values`, `options.${n - 1}.listed`, written(LIST.write)),
  ]),
  variant('sku', 'sku'),
  variant('price', 'price', MONEY),
  variant('currency', 'price.currencyCode', written(asText)),
  variant('compare_at_price', 'compareAtPrice', MONEY),
  variant('unit_cost', 'unitCost', MONEY),
  variant('barcode', 'barcode'),
  variant('weight_grams', 'weightGrams', WHOLE),
  variant('stock', 'stock', WHOLE),
  variant('inventory_policy', 'inventoryPolicy', WORD),
  variant('low_stock_threshold', 'lowStockThreshold', WHOLE),
  variant('image_position', 'imagePosition', WHOLE),
  product(
    'image_urls',
    'images',
    imagesCodec(({ id, url }) => id ?? url ?? ''),
  ),
  product(
    'image_alt_texts',
    'images',
    imagesCodec(({ altText }) => altText ?? ''),
  ),
];

/** Of a metafield's name, type and visibility, such as metafield:care.washing:number_integer:public. */
export const metafieldColumnName = (
  of: CsvColumn['of'],
  { namespace, key, type, isPublic }: Omit<MetafieldInput, 'value'>,
): string =>
  `${of === 'variant' ? 'variant_' : ''}metafield:${namespace}.${key}:${type.toLowerCase()}${isPublic ? ':public' : ''}`;

const METAFIELD_COLUMN = /^(variant_)?metafield:([\w-]{1,64})\.([\w-]{1,64}):([a-z_]+)(:public)?$/i;

export const METAFIELD_COLUMN_EXPECTED = `metafield:<namespace>.<key>:<type>, with variant_ before it for a variant's, with :public behind it for shoppers to read; a type is one of ${METAFIELD_TYPES.join(', ').toLowerCase()}`;

/** Null for what is no such name. */
export function metafieldColumn(name: string): CsvColumn | null {
  const [, ofVariant, namespace = '', key = '', written = '', isPublic] = METAFIELD_COLUMN.exec(name) ?? [];
  const type = METAFIELD_TYPES.find((known) => known === written.toUpperCase());
  if (!type) return null;
  const of = ofVariant ? 'variant' : 'product';
  const metafield = { namespace, key, type, isPublic: isPublic !== undefined };
  return { name: metafieldColumnName(of, metafield), of, path: ['metafields'], ...TEXT, metafield };
}
