import { type Money, parseMoney } from '../../shared/money';
import { count, type Fault, invalid, length, repeats } from '../catalog/faults';
import type { ProductOptionInput, ProductVariantInput } from '../generated/resolvers';
import { metafieldFaults } from '../metafield/metafieldInput';

export const MAX_VARIANTS = 100;
export const MAX_OPTIONS = 3;
export const MAX_VALUES = 100;
const MAX_STOCK = 1_000_000_000;
const MAX_GRAMS = 1_000_000_000;

/** One of the product's options has this value. In the database as in the API. */
export interface OptionValue {
  option: string;
  value: string;
}

/** What an input may say of a variant, but for its option values and its stock. What is left out stays as it is. */
export type VariantFields = {
  [Field in 'sku' | 'price' | 'compareAtPrice' | 'unitCost' | 'barcode' | 'weightGrams']?:
    | ProductVariantInput[Field]
    | null;
};

export interface VariantColumns {
  sku?: string;
  priceAmount?: bigint;
  currencyCode?: string;
  compareAtPriceAmount?: bigint | null;
  unitCostAmount?: bigint | null;
  barcode?: string | null;
  weightGrams?: number | null;
}

/** The columns that the input changes. @throws GraphQLError BAD_USER_INPUT for money that is none. */
export function variantColumns(input: VariantFields, field: string[]): VariantColumns {
  const { sku, price, compareAtPrice, unitCost, barcode, weightGrams } = input;
  const moneyOf = (name: string, given: { amount: string; currencyCode: string }): Money =>
    parseMoney(given, [...field, name].join('.'));
  const amountOf = (name: string, given: { amount: string; currencyCode: string } | null) =>
    given === null ? null : moneyOf(name, given).minorUnits;
  return {
    ...(sku != null && { sku }),
    ...(price != null && { priceAmount: moneyOf('price', price).minorUnits, currencyCode: price.currencyCode }),
    ...(compareAtPrice !== undefined && { compareAtPriceAmount: amountOf('compareAtPrice', compareAtPrice) }),
    ...(unitCost !== undefined && { unitCostAmount: amountOf('unitCost', unitCost) }),
    ...(barcode !== undefined && { barcode }),
    ...(weightGrams !== undefined && { weightGrams }),
  };
}

/** @param currencyCode of the product's prices: all that is said of one product's money is in one currency. */
export function variantFieldFaults(input: VariantFields, field: string[], currencyCode: string | undefined): Fault[] {
  const { sku, price, compareAtPrice, unitCost, barcode, weightGrams } = input;
  const otherCurrency = (name: string, money: { currencyCode: string } | null | undefined) =>
    money == null || currencyCode === undefined || money.currencyCode === currencyCode
      ? []
      : [invalid([...field, name, 'currencyCode'], 'one currency for all variants')];
  return [
    ...(sku == null ? [] : length([...field, 'sku'], sku, 1, 64)),
    ...(barcode == null ? [] : length([...field, 'barcode'], barcode, 1, 64)),
    ...(weightGrams == null || (weightGrams >= 0 && weightGrams <= MAX_GRAMS)
      ? []
      : [invalid([...field, 'weightGrams'], `0 to ${MAX_GRAMS}`)]),
    ...otherCurrency('price', price),
    ...otherCurrency('compareAtPrice', compareAtPrice),
    ...otherCurrency('unitCost', unitCost),
  ];
}

/** First of all: what is checked after this is as much work as the lists are long. */
export function variantCountFaults(options: ProductOptionInput[], variants: ProductVariantInput[]): Fault[] {
  return [
    ...count(['input', 'options'], options, 0, MAX_OPTIONS),
    ...count(['input', 'variants'], variants, 1, MAX_VARIANTS),
    ...options.flatMap(({ values }, index) =>
      count(['input', 'options', String(index), 'values'], values, 1, MAX_VALUES),
    ),
    ...variants.flatMap(({ optionValues }, index) =>
      count(['input', 'variants', String(index), 'optionValues'], optionValues, 0, options.length),
    ),
  ];
}

/** All that is wrong with a product's options and its variants together. @param images how many pictures the product has. */
export function variantListFaults(
  options: ProductOptionInput[],
  variants: ProductVariantInput[],
  images: number,
): Fault[] {
  const [first] = variants;
  return [
    ...optionListFaults(options),
    ...repeats(
      ['input', 'variants'],
      'sku',
      variants.map(({ sku }) => sku),
    ),
    ...variants.flatMap((variant, index) => {
      const field = ['input', 'variants', String(index)];
      return [
        ...variantFieldFaults(variant, field, first?.price.currencyCode),
        ...combinationFaults(variant.optionValues, options, field),
        ...newVariantFaults(variant, field, images),
      ];
    }),
    ...repeats(
      ['input', 'variants'],
      'optionValues',
      variants.map(({ optionValues }) => JSON.stringify(inOptionOrder(optionValues, options))),
    ),
  ];
}

function optionListFaults(options: ProductOptionInput[]): Fault[] {
  return [
    ...repeats(
      ['input', 'options'],
      'name',
      options.map(({ name }) => name),
    ),
    ...options.flatMap(({ name, values }, index) => {
      const field = ['input', 'options', String(index)];
      return [
        ...length([...field, 'name'], name, 1, 64),
        ...values.flatMap((value, at) => length([...field, 'values', String(at)], value, 1, 64)),
        ...repeats(field, 'values', values),
      ];
    }),
  ];
}

/** A variant has one value for each of the options, and one of theirs. */
export function combinationFaults(given: OptionValue[], options: ProductOptionInput[], field: string[]): Fault[] {
  const chosen = new Map(given.map(({ option, value }) => [option, value]));
  const fits =
    chosen.size === options.length &&
    given.length === options.length &&
    options.every(({ name, values }) => values.includes(chosen.get(name) ?? ''));
  return fits ? [] : [invalid([...field, 'optionValues'], 'one of its values for each of the product’s options')];
}

/** What is said of a new variant alone: its stock and how that is sold, its picture and its metafields. */
export function newVariantFaults(input: ProductVariantInput, field: string[], images: number): Fault[] {
  const { stock, lowStockThreshold, imagePosition, metafields } = input;
  const outside = (name: string, value: number | null | undefined, most: number, expected: string) =>
    value == null || (value >= 0 && value <= most) ? [] : [invalid([...field, name], expected)];
  return [
    ...outside('stock', stock, MAX_STOCK, `0 to ${MAX_STOCK}`),
    ...outside('lowStockThreshold', lowStockThreshold, MAX_STOCK, `0 to ${MAX_STOCK}`),
    ...outside('imagePosition', imagePosition, images - 1, 'the place of one of the product’s pictures'),
    ...metafieldFaults(metafields ?? [], [...field, 'metafields']),
  ];
}

/** As they are stored, so that two variants with the same combination have the same value. */
export function inOptionOrder(given: OptionValue[], options: { name: string }[]): OptionValue[] {
  return options.flatMap(({ name }) => {
    const found = given.find(({ option }) => option === name);
    return found ? [{ option: name, value: found.value }] : [];
  });
}

/** Equal for two variants with the same values, whatever the order of a JSON object's keys. */
export const combinationOf = (inOrder: OptionValue[]): string => JSON.stringify(inOrder.map(({ value }) => value));
