import { z } from 'zod';

const money = z.strictObject({ amount: z.string(), currencyCode: z.string() });
const text = z.string();

/**
 * One product of a file: what productSet takes, but for categories, which are named by their slugs, and for the reference in the
 * merchant's own system, which says which product it is.
 */
export const importRecord = z.strictObject({
  externalReference: text.min(1),
  name: text,
  slug: text.exactOptional(),
  description: text.exactOptional(),
  vendor: text.exactOptional(),
  productType: text.exactOptional(),
  tags: z.array(text).exactOptional(),
  status: z.enum(['DRAFT', 'ACTIVE', 'ARCHIVED']).exactOptional(),
  categories: z.array(text).exactOptional(),
  options: z.array(z.strictObject({ name: text, values: z.array(text) })).default([]),
  variants: z.array(
    z.strictObject({
      sku: text,
      price: money,
      compareAtPrice: money.nullable().exactOptional(),
      unitCost: money.nullable().exactOptional(),
      barcode: text.nullable().exactOptional(),
      weightGrams: z.int().nullable().exactOptional(),
      optionValues: z.array(z.strictObject({ option: text, value: text })).default([]),
      stock: z.int().default(0),
    }),
  ),
  images: z.array(z.strictObject({ url: text, altText: text.nullable().exactOptional() })).exactOptional(),
});

export type ImportRecord = z.output<typeof importRecord>;

const OPTION_NUMBERS = [1, 2, 3] as const;

/** A CSV file has a line a variant; the lines of one product stand together, and the first says what the product is. */
export const CSV_COLUMNS = [
  'external_reference',
  'name',
  'slug',
  'description',
  'vendor',
  'product_type',
  'tags',
  'status',
  'categories',
  ...OPTION_NUMBERS.flatMap((n) => [`option${n}_name`, `option${n}_value`] as const),
  'sku',
  'price',
  'currency',
  'compare_at_price',
  'unit_cost',
  'barcode',
  'weight_grams',
  'stock',
  'image_urls',
] as const;

export type CsvLine = Partial<Record<(typeof CSV_COLUMNS)[number], string>>;

const SEPARATOR = ';';
const listOf = (cell: string) =>
  cell
    .split(SEPARATOR)
    .map((entry) => entry.trim())
    .filter(Boolean);

/** The lines of one product as the record that they stand for; nothing of it is checked yet. An empty cell is left out. */
export function recordOfLines(lines: CsvLine[]): unknown {
  const [first = {}] = lines;
  const names = OPTION_NUMBERS.flatMap((n) =>
    first[`option${n}_name`] ? [{ n, name: first[`option${n}_name`] }] : [],
  );
  const record = {
    externalReference: first.external_reference,
    name: first.name,
    slug: first.slug,
    description: first.description,
    vendor: first.vendor,
    productType: first.product_type,
    tags: first.tags && listOf(first.tags),
    status: first.status?.toUpperCase(),
    categories: first.categories && listOf(first.categories),
    options: names.map(({ n, name }) => ({
      name,
      values: [...new Set(lines.flatMap((line) => line[`option${n}_value`] ?? []))],
    })),
    variants: lines.map((line) => {
      const moneyOf = (amount: string | undefined) => amount && { amount, currencyCode: line.currency };
      return given({
        sku: line.sku,
        price: moneyOf(line.price),
        compareAtPrice: moneyOf(line.compare_at_price),
        unitCost: moneyOf(line.unit_cost),
        barcode: line.barcode,
        weightGrams: line.weight_grams && Number(line.weight_grams),
        stock: line.stock && Number(line.stock),
        optionValues: names.map(({ n, name }) => ({ option: name, value: line[`option${n}_value`] })),
      });
    }),
    images: first.image_urls && listOf(first.image_urls).map((url) => ({ url })),
  };
  return given(record);
}

/** A record as the lines that it is written as. */
export function linesOfRecord({ options, variants, ...product }: ImportRecord): string[][] {
  const join = (list: readonly string[] | undefined) => list?.join(SEPARATOR);
  return variants.map((variant, index) => {
    const optionCells = OPTION_NUMBERS.map((n) => {
      const option = options[n - 1];
      const value = variant.optionValues.find((chosen) => chosen.option === option?.name)?.value;
      return { [`option${n}_name`]: option?.name, [`option${n}_value`]: value };
    });
    const line: CsvLine = given({
      ...(index === 0 && {
        name: product.name,
        slug: product.slug,
        description: product.description,
        vendor: product.vendor,
        product_type: product.productType,
        tags: join(product.tags),
        status: product.status,
        categories: join(product.categories),
        image_urls: join(product.images?.map(({ url }) => url)),
      }),
      ...Object.assign({}, ...optionCells),
      external_reference: product.externalReference,
      sku: variant.sku,
      price: variant.price.amount,
      currency: variant.price.currencyCode,
      compare_at_price: variant.compareAtPrice?.amount,
      unit_cost: variant.unitCost?.amount,
      barcode: variant.barcode ?? undefined,
      weight_grams: variant.weightGrams?.toString(),
      stock: variant.stock.toString(),
    });
    return CSV_COLUMNS.map((column) => line[column] ?? '');
  });
}

const given = (object: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== ''));
