import {
  type Codec,
  type CsvColumn as CsvFieldColumn,
  type CsvLine,
  csvColumn,
  LIST,
  TEXT,
  WHOLE,
  WORD,
  writeOnly,
} from '../fields/csvColumn';
import { cellOfList, listOfCell } from '../fields/csvLists';
import { csvColumnsOf } from '../fields/field';
import { PRODUCT_FIELDS } from '../fields/productFields';
import { VARIANT_FIELDS } from '../fields/variantFields';
import type { MetafieldInput } from '../generated/resolvers';
import { METAFIELD_TYPES } from '../metafield/metafieldInput';
import type { WholeRecord } from './importRecord';

export interface CsvColumn extends CsvFieldColumn {
  /** A product's columns are filled in the first of its lines only; a variant's in the variant's line. */
  of: 'product' | 'variant';
  /** Set for a metafield's column: which metafield its cells are values of. */
  metafield?: Omit<MetafieldInput, 'value'>;
}

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

const product = (column: CsvFieldColumn): CsvColumn => ({ ...column, of: 'product' });
const variant = (column: CsvFieldColumn): CsvColumn => ({ ...column, of: 'variant' });

export const OPTION_NUMBERS = [1, 2, 3] as const;

/** The column that says which product a line belongs to. */
export const REFERENCE = 'external_reference';

/** Merchants' scripts may find columns by their position, so these always come first, in this order. */
const FIRST = [REFERENCE, 'name', 'slug', 'description', 'vendor', 'product_type', 'tags', 'status', 'published_at'];

const placeOf = ({ name }: CsvFieldColumn): number => {
  const place = FIRST.indexOf(name);
  return place < 0 ? FIRST.length : place;
};

/** All columns except those of metafields, of which a file may have any number. In the order in which an export writes them. */
export const CSV_COLUMNS: readonly CsvColumn[] = [
  ...csvColumnsOf(PRODUCT_FIELDS)
    .sort((a, b) => placeOf(a) - placeOf(b))
    .map(product),
  product(csvColumn('categories', 'categories', LIST)),
  ...OPTION_NUMBERS.flatMap((n) => [
    product(csvColumn(`option${n}_name`, `options.${n - 1}.name`, writeOnly())),
    variant(csvColumn(`option${n}_value`, `optionValues.${n - 1}.value`, writeOnly())),
    product(csvColumn(`option${n}_values`, `options.${n - 1}.listed`, writeOnly(LIST.write))),
  ]),
  ...csvColumnsOf(VARIANT_FIELDS).map(variant),
  variant(csvColumn('quantity_on_hand', 'quantityOnHand', WHOLE)),
  variant(csvColumn('inventory_policy', 'inventoryPolicy', WORD)),
  variant(csvColumn('low_stock_threshold', 'lowStockThreshold', WHOLE)),
  variant(csvColumn('image_position', 'imagePosition', WHOLE)),
  product(
    csvColumn(
      'image_urls',
      'images',
      imagesCodec(({ id, url }) => id ?? url ?? ''),
    ),
  ),
  product(
    csvColumn(
      'image_alt_texts',
      'images',
      imagesCodec(({ altText }) => altText ?? ''),
    ),
  ),
];

/** The column's name holds the metafield's name, type and visibility: `metafield:care.washing:number_integer:public`. */
export const metafieldColumnName = (
  of: CsvColumn['of'],
  { namespace, key, type, isPublic }: Omit<MetafieldInput, 'value'>,
): string =>
  `${of === 'variant' ? 'variant_' : ''}metafield:${namespace}.${key}:${type.toLowerCase()}${isPublic ? ':public' : ''}`;

const METAFIELD_COLUMN = /^(variant_)?metafield:([\w-]{1,64})\.([\w-]{1,64}):([a-z_]+)(:public)?$/i;

export const METAFIELD_COLUMN_EXPECTED = `metafield:<namespace>.<key>:<type>, with variant_ before it for a variant's, with :public behind it for shoppers to read; a type is one of ${METAFIELD_TYPES.join(', ').toLowerCase()}`;

/** Null when `name` is not the name of a metafield's column. */
export function metafieldColumn(name: string): CsvColumn | null {
  const [, ofVariant, namespace = '', key = '', written = '', isPublic] = METAFIELD_COLUMN.exec(name) ?? [];
  const type = METAFIELD_TYPES.find((known) => known === written.toUpperCase());
  if (!type) return null;
  const of = ofVariant ? 'variant' : 'product';
  const metafield = { namespace, key, type, isPublic: isPublic !== undefined };
  return { name: metafieldColumnName(of, metafield), of, path: ['metafields'], ...TEXT, metafield };
}
