import type { UserError } from '../../shared/errors';
import { type Money, parseMoney } from '../../shared/money';
import type { ProductCreateInput, ProductErrorCode, ProductVariantInput } from '../generated/resolvers';
import { isSlug, SLUG_EXPECTED } from './slug';

const MAX_STOCK = 1_000_000_000;

type Fault = UserError<ProductErrorCode>;

export interface CheckedVariant extends Omit<ProductVariantInput, 'price'> {
  price: Money;
}

export interface CheckedProduct {
  faults: Fault[];
  variants: CheckedVariant[];
}

/** Everything that is wrong with a new product that can be told without the database, each with its place in the input. */
export function checkProductCreate(input: ProductCreateInput): CheckedProduct {
  const variants = input.variants.map((variant, index) => ({
    ...variant,
    price: parseMoney(variant.price, `input.variants.${index}.price`),
  }));
  const tooMany = countFaults(input);
  if (tooMany.length > 0) return { faults: tooMany, variants };
  const faults = [
    ...length(['input', 'name'], input.name.trim(), 1, 255),
    ...length(['input', 'description'], input.description ?? '', 0, 65_535),
    ...(input.slug != null && !isSlug(input.slug) ? [invalid(['input', 'slug'], SLUG_EXPECTED)] : []),
    ...repeats(
      ['input', 'options'],
      'name',
      input.options.map((option) => option.name),
    ),
    ...repeats(
      ['input', 'variants'],
      'sku',
      input.variants.map((variant) => variant.sku),
    ),
    ...input.options.flatMap(optionFaults),
    ...variants.flatMap((variant, index) => variantFaults(variant, index, input)),
    ...combinationFaults(input),
    ...currencyFaults(variants),
    ...input.images.flatMap(imageFaults),
  ];
  return { faults, variants };
}

/** First of all: what is checked after this is as much work as the lists are long. */
function countFaults({ options, variants, images, categoryIds }: ProductCreateInput): Fault[] {
  return [
    ...count(['input', 'options'], options, 0, 3),
    ...count(['input', 'variants'], variants, 1, 100),
    ...count(['input', 'images'], images, 0, 50),
    ...count(['input', 'categoryIds'], categoryIds, 0, 100),
    ...options.flatMap(({ values }, index) => count(['input', 'options', String(index), 'values'], values, 1, 100)),
    ...variants.flatMap(({ optionValues }, index) =>
      count(['input', 'variants', String(index), 'optionValues'], optionValues, 0, options.length),
    ),
  ];
}

function optionFaults({ name, values }: ProductCreateInput['options'][number], index: number): Fault[] {
  const field = ['input', 'options', String(index)];
  return [
    ...length([...field, 'name'], name, 1, 64),
    ...values.flatMap((value, at) => length([...field, 'values', String(at)], value, 1, 64)),
    ...repeats(field, 'values', values),
  ];
}

function imageFaults({ url, altText }: ProductCreateInput['images'][number], index: number): Fault[] {
  const field = ['input', 'images', String(index)];
  return [
    ...(isHttpsUrl(url) ? [] : [invalid([...field, 'url'], 'an https address')]),
    ...length([...field, 'altText'], altText ?? '', 0, 512),
  ];
}

function variantFaults(variant: CheckedVariant, index: number, { options }: ProductCreateInput): Fault[] {
  const field = ['input', 'variants', String(index)];
  const chosen = new Map(variant.optionValues.map(({ option, value }) => [option, value]));
  const fits =
    chosen.size === options.length &&
    variant.optionValues.length === options.length &&
    options.every(({ name, values }) => values.includes(chosen.get(name) ?? ''));
  return [
    ...length([...field, 'sku'], variant.sku, 1, 64),
    ...(fits ? [] : [invalid([...field, 'optionValues'], 'one of its values for each of the product’s options')]),
    ...(variant.stock >= 0 && variant.stock <= MAX_STOCK ? [] : [invalid([...field, 'stock'], `0 to ${MAX_STOCK}`)]),
  ];
}

function combinationFaults({ options, variants }: ProductCreateInput): Fault[] {
  const combinations = variants.map(({ optionValues }) =>
    JSON.stringify(options.map(({ name }) => optionValues.find(({ option }) => option === name)?.value)),
  );
  return repeats(['input', 'variants'], 'optionValues', combinations);
}

function currencyFaults(variants: CheckedVariant[]): Fault[] {
  const [first] = variants;
  const other = variants.findIndex(({ price }) => price.currencyCode !== first?.price.currencyCode);
  if (other < 0) return [];
  return [invalid(['input', 'variants', String(other), 'price', 'currencyCode'], 'one currency for all variants')];
}

function length(field: string[], text: string, min: number, max: number): Fault[] {
  if (!text.isWellFormed()) return [invalid(field, 'well-formed Unicode')];
  if (min > 0 && text === '') return [{ field, code: 'REQUIRED', message: 'Must not be empty.' }];
  return text.length > max ? [invalid(field, `at most ${max} characters`)] : [];
}

function count(field: string[], list: readonly unknown[], min: number, max: number): Fault[] {
  if (list.length < min) return [{ field, code: 'REQUIRED', message: `Expected at least ${min}.` }];
  return list.length > max ? [invalid(field, `at most ${max}`)] : [];
}

function repeats(field: string[], name: string, values: string[]): Fault[] {
  const seen = new Set<string>();
  return values.flatMap((value, index) => {
    if (seen.has(value)) return [invalid([...field, String(index), name], 'another than those before it')];
    seen.add(value);
    return [];
  });
}

const invalid = (field: string[], expected: string): Fault => ({
  field,
  code: 'INVALID',
  message: `Expected ${expected}.`,
});

const isHttpsUrl = (text: string) => text.length <= 2048 && URL.canParse(text) && new URL(text).protocol === 'https:';
