import { GraphQLError } from 'graphql';
import { newId } from '../../shared/ids';
import { parseMoney } from '../../shared/money';
import { notFound, type UserError } from '../../shared/userErrors';
import { hasTooMany } from '../catalog/faults';
import { generatedSlug } from '../catalog/slug';
import { MONEY_FIELDS } from '../fields/variantFields';
import type { ProductCreateInput, ProductVariantInput, UserErrorCode } from '../generated/resolvers';
import { setImagesFaults } from '../media/imageInput';
import { isWhole, type PartialProduct, type PartialVariant } from '../products/partialProduct';
import { productCreateFaults } from '../products/productInput';
import { productSetFaults } from '../products/productSetFaults';
import { newVariant } from '../variant/newVariant';
import { variantCountFaults, variantListFaults } from '../variant/variantInput';
import type { NewProduct } from '../write/insertProducts';
import type { ImportRecord, ImportVariant } from './importRecord';
import type { LineFault } from './readRecords';

/** A change of an existing product. Fields that the file leaves out stay unchanged. */
export interface Change {
  id: string;
  input: PartialProduct;
}

/** `product` is null when there are errors. */
export interface Checked<Kind> {
  faults: LineFault[];
  product: Kind | null;
}

/** Validates a record as a new product. @param categories ids by slug. @param isFree whether no product has the slug. */
export function asAddition(
  record: ImportRecord,
  categories: Map<string, string>,
  isFree: (slug: string) => boolean,
): Checked<NewProduct> {
  const input = newProduct(record, categories);
  const imageIds = input.images.map(() => newId('pimg'));
  const faults = [...newImagesFaults(record), ...moneyFaults(input.variants)];
  if (faults.length === 0) faults.push(...productCreateFaults(input).map(lineFault));
  if (faults.length > 0) return { faults, product: null };
  const id = newId('prod');
  const slug = input.slug ?? generatedSlug(input.name, id, !isFree(generatedSlug(input.name, id, false)));
  const variants = input.variants.map((variant, index) =>
    newVariant(variant, input.options, ['variants', String(index)], imageIds),
  );
  return { faults, product: { id, slug, input: { ...input, slug }, variants, imageIds } };
}

/**
 * Validates a record as a change, as far as that is possible without the stored product.
 * @param keepsMetafields whether metafields that the record does not name stay.
 */
export function asChange(
  id: string,
  { externalReference: _, categories: slugs, variants, ...fields }: ImportRecord,
  keepsMetafields: boolean,
  categories: Map<string, string>,
): Checked<Change> {
  const input: PartialProduct = {
    ...fields,
    keepsMetafields,
    ...(slugs !== undefined && { categoryIds: idsOf(slugs, categories) }),
    ...(variants != null && { variants: variants.map(partialVariant) }),
  };
  const faults = moneyFaults(input.variants ?? []);
  if (faults.length === 0) {
    const found = [...productSetFaults(input), ...(isWhole(input) ? variantsFaults(input) : [])];
    faults.push(...found.map(lineFault));
  }
  return { faults, product: faults.length > 0 ? null : { id, input } };
}

function newProduct(record: ImportRecord, categories: Map<string, string>): ProductCreateInput {
  const { categories: slugs, tags, images, status, metafields, options, variants, name, ...fields } = record;
  return {
    ...fields,
    name: name ?? '',
    tags: tags ?? [],
    status: status ?? 'DRAFT',
    metafields: metafields ?? [],
    categoryIds: idsOf(slugs, categories),
    options: options ?? [],
    images: (images ?? []).map(({ url, altText }) => ({ url: url ?? '', altText: altText ?? null })),
    variants: (variants ?? []).map((variant) => wholeVariant(partialVariant(variant))),
  };
}

const idsOf = (slugs: readonly string[] | null | undefined, categories: Map<string, string>) =>
  (slugs ?? []).flatMap((slug) => categories.get(slug) ?? []);

/** Unlike productSet, a file may also change how an existing variant is sold (`soldAs`). */
function partialVariant(variant: ImportVariant): PartialVariant {
  const { inventoryPolicy, lowStockThreshold } = variant;
  const soldAs = {
    ...(inventoryPolicy !== undefined && { inventoryPolicy }),
    ...(lowStockThreshold !== undefined && { lowStockThreshold }),
  };
  return { ...variant, inventoryPolicy: inventoryPolicy ?? 'DENY', soldAs };
}

const wholeVariant = ({ optionValues = [], ...variant }: PartialVariant): ProductVariantInput => ({
  ...variant,
  optionValues,
});

function variantsFaults({ options, variants, images }: PartialProduct) {
  if (variants == null) return [];
  const whole = variants.map(wholeVariant);
  const counted = variantCountFaults(options ?? [], whole);
  if (hasTooMany(counted)) return counted;
  return [...counted, ...variantListFaults(options ?? [], whole, images?.length ?? 0)];
}

/** An id names an image that the product has; a new product has none. */
function newImagesFaults({ images }: ImportRecord): LineFault[] {
  const faults = setImagesFaults(images ?? []);
  if (faults.length > 0) return faults.map(lineFault);
  return (images ?? []).flatMap(({ id }, index) =>
    id == null ? [] : [notFound('image of the product', ['images', String(index), 'id'])],
  );
}

/** parseMoney throws BAD_USER_INPUT for an invalid amount. In an import that is an error of the line. */
const moneyFaults = (variants: readonly PartialVariant[]): LineFault[] =>
  variants.flatMap((variant, index) =>
    MONEY_FIELDS.flatMap((name) => moneyFault(variant[name], `variants.${index}.${name}`)),
  );

function moneyFault(money: ProductVariantInput['price'] | null | undefined, at: string): LineFault[] {
  if (money == null) return [];
  try {
    parseMoney(money, at);
    return [];
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (/\d,\d/.test(money.amount)) {
      const message = 'Expected a decimal with a point, such as "19.99" for "19,99", and nothing between thousands.';
      return [{ field: [...at.split('.'), 'amount'], code: 'INVALID', message }];
    }
    const { field = '', expected = 'another value' } = error.extensions as { field?: string; expected?: string };
    return [{ field: field.split('.'), code: 'INVALID', message: `Expected ${expected}.` }];
  }
}

/** A mutation's user error as an error of a line: without the argument's name at the beginning of the path. */
export const lineFault = ({ field, code, message }: UserError<UserErrorCode>): LineFault => ({
  field: field[0] === 'input' ? field.slice(1) : field,
  code,
  message,
});
