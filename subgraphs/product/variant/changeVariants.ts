import { notFound, taken, UserErrors } from '../../shared/userErrors';
import { asUserErrors } from '../catalog/constraintErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Product, ProductVariant } from '../generated/prisma/client';
import type { UserErrorCode } from '../generated/resolvers';
import { changeStored } from '../write/changeStored';
import { combinationOf, inOptionOrder, type Option, type OptionValue } from '../write/optionValues';
import type { Part, StoredProduct } from '../write/storedProducts';
import type { VariantsDifference } from '../write/variantRows';
import { combinationFaults } from './variantInput';

/** A difference without any change. */
export const NO_CHANGE: VariantsDifference = { gone: [], changed: [], added: [], isMoved: false };

/** @returns the id of the variant's product. @throws UserErrors NOT_FOUND. */
export async function productIdOf({ db, tenantId }: Context, id: string): Promise<string> {
  const variant = await db.productVariant.findFirst({ where: { tenantId, id }, select: { productId: true } });
  if (!variant) throw noVariant();
  return variant.productId;
}

/** @throws UserErrors NOT_FOUND for a variant that was deleted meanwhile. */
export function variantOf({ variants }: StoredProduct, id: string): ProductVariant {
  const variant = variants.find((candidate) => candidate.id === id);
  if (!variant) throw noVariant();
  return variant;
}

const noVariant = () => new UserErrors<UserErrorCode>(notFound('variant'));

interface ChangedFamily {
  productId: string;
  /** The input's path of the product's or variant's id. */
  idField: string[];
  /** SKUs in the input with their paths: a product of the store may have them already. */
  skus: WantedSku[];
  /** Parts of the product to be read, in addition to its variants. */
  parts?: Part[];
}

/**
 * Changes the variants of one product under the product's lock.
 * @throws UserErrors for a violated constraint, such as an SKU that is taken; and what `decide` throws.
 */
export async function changeVariants(
  ctx: Context,
  { productId, idField, skus, parts = [] }: ChangedFamily,
  decide: (stored: StoredProduct, tx: Tx) => VariantsDifference | Promise<VariantsDifference>,
): Promise<Product> {
  const changed = { id: productId, idField, expectedVersion: null, versionField: [] };
  try {
    return await changeStored(ctx, changed, ['variants', ...parts], async (stored, tx) => ({
      variants: await decide(stored, tx),
    }));
  } catch (error) {
    throw await asUserErrors(ctx, error, { skus, productId });
  }
}

interface WantedSku {
  sku: string;
  field: string[];
}

export const skusOf = (inputs: { input: { sku?: string | null }; at: string[] }[]): WantedSku[] =>
  inputs.flatMap(({ input: { sku }, at }) => (sku == null ? [] : { sku, field: [...at, 'sku'] }));

/** Checks the product's own variants only: a constraint refuses an SKU of another product. @param others the product's other variants. */
export const takenSku = (sku: string | null | undefined, others: ProductVariant[], at: string[]) =>
  others.some((variant) => variant.sku === sku) ? [taken([...at, 'sku'], 'Another variant has this SKU.')] : [];

/** The errors of a variant's option values, also when another variant has the same ones. @param at the input's path. */
export function newCombinationFaults(given: OptionValue[], options: Option[], others: ProductVariant[], at: string[]) {
  const faults = combinationFaults(given, options, at);
  if (faults.length > 0) return faults;
  const wanted = combinationOf(inOptionOrder(given, options));
  const has = (variant: ProductVariant) => combinationOf(variant.optionValues) === wanted;
  return others.some(has) ? [taken([...at, 'optionValues'], 'Another variant has this combination.')] : [];
}
