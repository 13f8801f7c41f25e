import { StaleVersion, UserErrors } from '../../shared/errors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Product } from '../generated/prisma/client';
import type { ProductErrorCode } from '../generated/resolvers';
import { notFound } from './faults';
import { type PriceChange, recordProductEvent } from './productEvents';

/** Which product is to be changed, and where the input says so. */
export interface ChangedProduct {
  id: string;
  idField: string[];
  expectedVersion: number | null | undefined;
  versionField: string[];
}

/**
 * All that belongs to a product is changed under its lock, its options and variants too: two changes at once come one
 * after the other, and the second is refused when its client has not seen the first.
 * @param work adds to `priceChanges` what it changes of variants' prices.
 * @returns the product as it is after `work`. @throws UserErrors NOT_FOUND; StaleVersion with the product as it is.
 */
export async function changeProduct(
  ctx: Context,
  changed: ChangedProduct,
  work: (tx: Tx, before: Product, priceChanges: PriceChange[]) => Promise<void>,
): Promise<Product> {
  const product = await ctx.db.$transaction(async (tx) => {
    const priceChanges: PriceChange[] = [];
    await work(tx, await lockProduct(ctx, tx, changed), priceChanges);
    const after = await tx.product.findFirstOrThrow({ where: { tenantId: ctx.tenantId, id: changed.id } });
    await recordProductEvent(tx, 'product.updated', after, priceChanges);
    return after;
  });
  ctx.forgetLoaded();
  return product;
}

/** Counts its version up, which locks it until the transaction ends. @throws as changeProduct. */
export async function lockProduct(ctx: Context, tx: Tx, changed: ChangedProduct): Promise<Product> {
  const { id, idField, expectedVersion, versionField } = changed;
  const { tenantId } = ctx;
  const [product] = await tx.product.updateManyAndReturn({
    where: { tenantId, id, ...(expectedVersion != null && { version: expectedVersion }) },
    data: { version: { increment: 1 } },
  });
  if (product) return product;

  const current = await tx.product.findFirst({ where: { tenantId, id } });
  if (!current) throw new UserErrors(notFound(idField, 'product'));
  throw staleVersion(current, versionField);
}

/** @param current the product or the variant as it is. */
export function staleVersion(current: { version: number }, field: string[]) {
  return new StaleVersion<ProductErrorCode>(current, {
    field,
    code: 'STALE_VERSION',
    message: `It is at version ${current.version}: look at what has changed, and send it again.`,
  });
}
