import { type Format, jsonLines } from './bulkJobs';

const price = { amount: '10.00', currencyCode: 'USD' };
const sized = (size: string) => [{ option: 'Size', value: size }];
export const record = (reference: string, changes: object = {}, ofSecond: object = {}) => ({
  externalReference: reference,
  name: reference,
  options: [{ name: 'Size', values: ['S', 'M'] }],
  variants: [
    { sku: `${reference}-S`, price, optionValues: sized('S') },
    { sku: `${reference}-M`, price, optionValues: sized('M'), ...ofSecond },
  ],
  ...changes,
});
const metafield = (changes: object) => [
  { namespace: 'care', key: 'washing', type: 'NUMBER_INTEGER', value: '30', ...changes },
];

export interface FaultyField {
  /** What is wrong, of the product or of its second variant. */
  json: [product: object, variant?: object];
  field: string[];
  code?: string;
  says: RegExp;
  /** Its cells, of the product's first line or of the second; left out for what CSV can't say. */
  csv?: { column: string; cells: Record<string, string>; isOfVariant?: boolean };
}

const second = (field: string[]) => ['variants', '1', ...field];
/** What may be wrong with a field of a file, by what it is. */
export const FAULTS: Record<string, FaultyField> = {
  'an unknown type of metafield': {
    json: [{ metafields: metafield({ type: 'NUMBER' }) }],
    field: ['metafields', '0', 'type'],
    says: /SINGLE_LINE_TEXT.*NUMBER_INTEGER/,
  },
  'a metafield that is not of its type': {
    json: [{ metafields: metafield({ value: 'warm' }) }],
    field: ['metafields', '0', 'value'],
    says: /whole number/,
    csv: {
      column: 'metafield:care.washing:number_integer',
      cells: { 'metafield:care.washing:number_integer': 'warm' },
    },
  },
  'a variant’s metafield that is not of its type': {
    json: [{}, { metafields: metafield({ type: 'COLOR', value: 'red' }) }],
    field: second(['metafields', '0', 'value']),
    says: /color/,
    csv: {
      column: 'variant_metafield:care.washing:color',
      cells: { 'variant_metafield:care.washing:color': 'red' },
      isOfVariant: true,
    },
  },
  'a metafield in two columns': {
    json: [{ metafields: [...metafield({}), ...metafield({ type: 'BOOLEAN', value: 'true' })] }],
    field: ['metafields', '1', 'key'],
    says: /another/,
    csv: {
      column: 'metafield:care.washing:boolean',
      cells: { 'metafield:care.washing:number_integer': '30', 'metafield:care.washing:boolean': 'true' },
    },
  },
  'a metafield without a name': {
    json: [{ metafields: metafield({ namespace: 'ca re' }) }],
    field: ['metafields', '0', 'namespace'],
    says: /letters/,
  },
  'a threshold below zero': {
    json: [{}, { lowStockThreshold: -1 }],
    field: second(['lowStockThreshold']),
    says: /0 to 1000000000/,
    csv: { column: 'low_stock_threshold', cells: { low_stock_threshold: '-1' }, isOfVariant: true },
  },
  'a threshold that is no number': {
    json: [{}, { lowStockThreshold: 'few' }],
    field: second(['lowStockThreshold']),
    says: /whole number/,
    csv: { column: 'low_stock_threshold', cells: { low_stock_threshold: 'few' }, isOfVariant: true },
  },
  'an unknown policy': {
    json: [{}, { inventoryPolicy: 'SOMETIMES' }],
    field: second(['inventoryPolicy']),
    says: /DENY, CONTINUE/,
    csv: { column: 'inventory_policy', cells: { inventory_policy: 'sometimes' }, isOfVariant: true },
  },
  'an unknown status': {
    json: [{ status: 'SOLD' }],
    field: ['status'],
    says: /DRAFT, ACTIVE, ARCHIVED/,
    csv: { column: 'status', cells: { status: 'sold' } },
  },
  'a moment that is none': {
    json: [{ publishedAt: '2026-02-30T10:00:00Z' }],
    field: ['publishedAt'],
    says: /2026-11-24T09:30:00Z/,
    csv: { column: 'published_at', cells: { published_at: '2026-02-30T10:00:00Z' } },
  },
  'a moment of another millennium': {
    json: [{ publishedAt: '0026-02-03T10:00:00Z' }],
    field: ['publishedAt'],
    says: /1970 to 9999/,
    csv: { column: 'published_at', cells: { published_at: '0026-02-03T10:00:00Z' } },
  },
  'a SEO title that is too long': {
    json: [{ seo: { title: 'x'.repeat(256) } }],
    field: ['seo', 'title'],
    says: /at most 255/,
    csv: { column: 'seo_title', cells: { seo_title: 'x'.repeat(256) } },
  },
  'a price with too many digits': {
    json: [{}, { compareAtPrice: { amount: '1.999', currencyCode: 'USD' } }],
    field: second(['compareAtPrice', 'amount']),
    says: /at most 2 digits/,
    csv: { column: 'compare_at_price', cells: { compare_at_price: '1.999' }, isOfVariant: true },
  },
  'an unknown currency': {
    json: [{}, { price: { amount: '1', currencyCode: 'XXQ' } }],
    field: second(['price', 'currencyCode']),
    says: /ISO 4217/,
    csv: { column: 'currency', cells: { currency: 'XXQ' }, isOfVariant: true },
  },
  'a price that is not given': {
    json: [{}, { price: undefined }],
    field: second(['price']),
    code: 'REQUIRED',
    says: /given/,
    csv: { column: 'price', cells: { price: '' }, isOfVariant: true },
  },
  'a weight below zero': {
    json: [{}, { weightGrams: -5 }],
    field: second(['weightGrams']),
    says: /0 to/,
    csv: { column: 'weight_grams', cells: { weight_grams: '-5' }, isOfVariant: true },
  },
  'an image that the product has not': {
    json: [{}, { imagePosition: 3 }],
    field: second(['imagePosition']),
    says: /place/,
    csv: { column: 'image_position', cells: { image_position: '3' }, isOfVariant: true },
  },
  'an uploaded image of another product': {
    json: [{ images: [{ id: 'pimg_none' }] }],
    field: ['images', '0', 'id'],
    code: 'NOT_FOUND',
    says: /No such image/,
    csv: { column: 'image_urls', cells: { image_urls: 'pimg_none' } },
  },
  'an image’s text without the image': {
    json: [{ images: [{ url: 'https://images.example.com/a.jpg' }, { altText: 'Alone' }] }],
    field: ['images', '1'],
    says: /either id or url/,
    csv: {
      column: 'image_urls',
      cells: { image_urls: 'https://images.example.com/a.jpg', image_alt_texts: ';Alone' },
    },
  },
  'an image’s text that is too long': {
    json: [{ images: [{ url: 'https://images.example.com/a.jpg', altText: 'x'.repeat(513) }] }],
    field: ['images', '0', 'altText'],
    says: /at most 512/,
    csv: {
      column: 'image_alt_texts',
      cells: { image_urls: 'https://images.example.com/a.jpg', image_alt_texts: 'x'.repeat(513) },
    },
  },
  'a value of no option': {
    json: [{}, { optionValues: [{ option: 'Size' }] }],
    field: second(['optionValues', '0', 'value']),
    code: 'REQUIRED',
    says: /given/,
    csv: { column: 'option1_value', cells: { option1_value: '' }, isOfVariant: true },
  },
  'what PostgreSQL can’t keep': {
    json: [{ vendor: 'a\0b' }],
    field: ['vendor'],
    says: /control characters/,
    csv: { column: 'vendor', cells: { vendor: 'a\0b' } },
  },
  'a field that there is not': { json: [{}, { colour: 'red' }], field: second(['colour']), says: /no such field/ },
};

/** Each of another product, whose description has two lines; a line more than the fault's own. */
export function faultyFile(format: Format): { text: string; expected: object[]; count: number } {
  const faults = Object.values(FAULTS).map((fault, index) => ({ ...fault, reference: `r${index}` }));
  if (format === 'JSONL') {
    const expected = faults.map(({ field, code = 'INVALID', says }, index) => ({
      line: index + 2,
      column: null,
      field,
      code,
      message: expect.stringMatching(says),
    }));
    const lines = faults.map(({ reference, json: [product, variant] }) => record(reference, product, variant));
    return { text: jsonLines(record('good'), ...lines), expected, count: faults.length };
  }
  const inCsv = faults.flatMap(({ csv, ...fault }) => (csv ? [{ ...fault, csv }] : []));
  const columns = [
    ...new Set([
      ...['external_reference', 'name', 'description', 'option1_name', 'option1_value', 'sku', 'price', 'currency'],
      ...inCsv.flatMap(({ csv }) => Object.keys(csv.cells)),
    ]),
  ];
  const linesOf = (reference: string, first: Record<string, string> = {}, other: Record<string, string> = {}) => {
    const cells = { external_reference: reference, price: '10.00', currency: 'USD' };
    const lines: Record<string, string>[] = [
      {
        ...cells,
        name: reference,
        description: `${reference},\nof two lines`,
        option1_name: 'Size',
        option1_value: 'S',
        sku: `${reference}-S`,
        ...first,
      },
      { ...cells, option1_value: 'M', sku: `${reference}-M`, ...other },
    ];
    return lines.map((line) => columns.map((name) => `"${(line[name] ?? '').replaceAll('"', '""')}"`).join(','));
  };
  const texts = inCsv.flatMap(({ reference, csv: { cells, isOfVariant } }) =>
    isOfVariant ? linesOf(reference, {}, cells) : linesOf(reference, cells),
  );
  const expected = inCsv.map(({ field, code = 'INVALID', says, csv: { column, isOfVariant } }, index) => ({
    // The header, and three lines a product, of which the first two are its description's.
    line: 2 + 3 * (index + 1) + (isOfVariant ? 2 : 0),
    column,
    field,
    code,
    message: expect.stringMatching(says),
  }));
  return { text: [columns.join(','), ...linesOf('good'), ...texts].join('\n'), expected, count: inCsv.length };
}
