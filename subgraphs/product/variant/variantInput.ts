import { checkInput } from '../../shared/inputReader';
import { MAX_OPTION_VALUES, MAX_OPTIONS, MAX_STOCK, MAX_VARIANTS } from '../../shared/limits';
import { parseMoney } from '../../shared/money';
import { invalid } from '../../shared/userErrors';
import { count, type Fault, length, repeats } from '../catalog/faults';
import { readerOf } from '../fields/field';
import { MONEY_FIELDS, VARIANT_FIELDS, type VariantFields } from '../fields/variantFields';
import type { ProductOptionInput, ProductVariantInput } from '../generated/resolvers';
import { metafieldFaults } from '../metafield/metafieldInput';
import { inOptionOrder, type OptionValue, optionKey } from '../write/optionValues';

const variantReader = readerOf(VARIANT_FIELDS);

/** An invalid amount of money is a GraphQL error, and not a user error of the payload. @throws GraphQLError BAD_USER_INPUT */
export function requireMoney(input: VariantFields, field: string[]): void {
  for (const name of MONEY_FIELDS) {
    const given = input[name];
    if (given != null) parseMoney(given, [...field, name].join('.'));
  }
}

/** @param currencyCode of the product's prices: all amounts of a product are in one currency. */
export function variantFieldFaults(input: VariantFields, field: string[], currencyCode: string | undefined): Fault[] {
  const { faults } = checkInput(variantReader, input, field);
  const inOtherCurrency = MONEY_FIELDS.filter((name) => {
    const given = input[name];
    return given != null && currencyCode !== undefined && given.currencyCode !== currencyCode;
  });
  return [
    ...faults,
    ...inOtherCurrency.map((name) => invalid([...field, name, 'currencyCode'], 'one currency for all variants')),
  ];
}

/** Checked first, because the cost of the other checks grows with the lists' lengths. */
export function variantCountFaults(options: ProductOptionInput[], variants: ProductVariantInput[]): Fault[] {
  return [
    ...count(['input', 'options'], options, 0, MAX_OPTIONS),
    ...count(['input', 'variants'], variants, 1, MAX_VARIANTS),
    ...options.flatMap(({ values }, index) =>
      count(['input', 'options', String(index), 'values'], values, 1, MAX_OPTION_VALUES),
    ),
    ...variants.flatMap(({ optionValues }, index) =>
      count(['input', 'variants', String(index), 'optionValues'], optionValues, 0, options.length),
    ),
  ];
}

/** All errors of a product's options and variants, also in combination. @param images how many images the product has. */
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
      variants.map(({ sku }) => sku),
      'sku',
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
      variants.map(({ optionValues }) => JSON.stringify(inOptionOrder(optionValues, options))),
      'optionValues',
    ),
  ];
}

function optionListFaults(options: ProductOptionInput[]): Fault[] {
  return [
    ...repeats(
      ['input', 'options'],
      options.map(({ name }) => optionKey(name)),
      'name',
    ),
    ...options.flatMap(({ name, values }, index) => {
      const field = ['input', 'options', String(index)];
      return [
        ...length([...field, 'name'], name, 1, 64),
        ...values.flatMap((value, at) => length([...field, 'values', String(at)], value, 1, 64)),
        ...repeats([...field, 'values'], values),
      ];
    }),
  ];
}

/** A variant must have exactly one value for each option, out of the option's values. */
export function combinationFaults(given: OptionValue[], options: ProductOptionInput[], field: string[]): Fault[] {
  const chosen = new Map(given.map(({ option, value }) => [option, value]));
  const fits =
    chosen.size === options.length &&
    given.length === options.length &&
    options.every(({ name, values }) => values.includes(chosen.get(name) ?? ''));
  return fits ? [] : [invalid([...field, 'optionValues'], 'one of its values for each of the product’s options')];
}

/** Validates the fields that only a new variant's input has: stock and its policy, image, metafields. */
export function newVariantFaults(input: ProductVariantInput, field: string[], images: number): Fault[] {
  const { quantityOnHand, lowStockThreshold, imagePosition, metafields } = input;
  const outside = (name: string, value: number | null | undefined, most: number, expected: string) =>
    value == null || (value >= 0 && value <= most) ? [] : [invalid([...field, name], expected)];
  return [
    ...outside('quantityOnHand', quantityOnHand, MAX_STOCK, `0 to ${MAX_STOCK}`),
    ...outside('lowStockThreshold', lowStockThreshold, MAX_STOCK, `0 to ${MAX_STOCK}`),
    ...outside('imagePosition', imagePosition, images - 1, 'the place of one of the product’s images'),
    ...metafieldFaults(metafields ?? [], [...field, 'metafields']),
  ];
}
