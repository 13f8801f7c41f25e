import { UserErrors } from '../../shared/errors';
import { changeProduct } from '../catalog/changeProduct';
import { asUserErrors } from '../catalog/constraintErrors';
import { notFound, taken } from '../catalog/faults';
import type { PriceChange } from '../catalog/productEvents';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { ProductOption, ProductVariant } from '../generated/prisma/client';
import type { ProductErrorCode } from '../generated/resolvers';
import { combinationFaults, combinationOf, inOptionOrder, type OptionValue } from './variantInput';

export interface Family {
  options: ProductOption[];
  /** In the order they are shown. */
  variants: ProductVariant[];
}

export async function familyOf(tx: Tx, tenantId: string, productId: string): Promise<Family> {
  const where = { tenantId, productId };
  const options = await tx.productOption.findMany({ where, orderBy: { position: 'asc' } });
  return { options, variants: await tx.productVariant.findMany({ where, orderBy: { position: 'asc' } }) };
}

/** Runs `work` under the lock of the variant's product, with the variant as it is then. @throws UserErrors NOT_FOUND. */
export async function changeVariant(
  ctx: Context,
  id: string,
  skus: WantedSku[],
  work: (tx: Tx, before: ProductVariant, family: Family, priceChanges: PriceChange[]) => Promise<void>,
): Promise<void> {
  const { tenantId } = ctx;
  const missing = () => new UserErrors<ProductErrorCode>(notFound(['id'], 'variant'));
  const variant = await ctx.db.productVariant.findFirst({ where: { tenantId, id }, select: { productId: true } });
  if (!variant) throw missing();
  const changed = { id: variant.productId, idField: ['id'], expectedVersion: null, versionField: [] };
  await withUserErrors(ctx, skus, () =>
    changeProduct(ctx, changed, async (tx, _product, priceChanges) => {
      const family = await familyOf(tx, tenantId, variant.productId);
      const before = family.variants.find((candidate) => candidate.id === id);
      if (!before) throw missing();
      await work(tx, before, family, priceChanges);
    }),
  );
}

/** An SKU that an input gives a variant, and where. */
interface WantedSku {
  sku: string;
  field: string[];
}

export const skusOf = (inputs: { input: { sku?: string | null }; at: string[] }[]): WantedSku[] =>
  inputs.flatMap(({ input: { sku }, at }) => (sku == null ? [] : { sku, field: [...at, 'sku'] }));

/** @throws UserErrors for what the database has against `work`, such as an SKU that is taken. */
export async function withUserErrors<Result>(
  ctx: Context,
  skus: WantedSku[],
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw await asUserErrors(ctx, error, { skus });
  }
}

/** What stands against a variant's option values, beside the product's other variants. @param at where the input is. */
export function newCombinationFaults(
  given: OptionValue[],
  options: ProductOption[],
  others: ProductVariant[],
  at: string[],
) {
  const faults = combinationFaults(given, options, at);
  if (faults.length > 0) return faults;
  const wanted = combinationOf(inOptionOrder(given, options));
  const has = (variant: ProductVariant) => combinationOf(variant.optionValues) === wanted;
  return others.some(has) ? [taken([...at, 'optionValues'], 'Another variant has this combination.')] : [];
}
