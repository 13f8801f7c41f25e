import { recordEvents } from '../../shared/events/recordEvent';
import { notFound, staleVersion, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Product } from '../generated/prisma/client';
import { productEvents } from './productEvents';
import { announcePublication } from './publication';

/** The product to change, and the input's path that names it. */
export interface ChangedProduct {
  id: string;
  idField: string[];
  expectedVersion: number | null | undefined;
  versionField: string[];
}

/**
 * Changes rows that belong to a product, under the product's row lock: of two concurrent changes the second waits, and gets
 * STALE_VERSION if its client has not seen the first. For the product's own row, options and variants, see write/changeStored.ts.
 * @returns the product after `work`. @throws UserErrors NOT_FOUND; StaleVersion with the current product.
 */
export async function changeProduct(
  ctx: Context,
  changed: ChangedProduct,
  work: (tx: Tx) => Promise<void>,
): Promise<Product> {
  const product = await ctx.db.$transaction(async (tx) => {
    const locked = await lockProduct(ctx, tx, changed);
    await work(tx);
    const isPublished = await announcePublication(tx, ctx.tenantId, changed.id);
    await recordEvents(tx, productEvents('product.updated', locked, isPublished));
    return locked;
  });
  ctx.forgetLoaded();
  return product;
}

/** Increments the product's version, which locks the row until the transaction ends. @throws as changeProduct. */
export async function lockProduct(ctx: Context, tx: Tx, changed: ChangedProduct): Promise<Product> {
  const { id, idField, expectedVersion, versionField } = changed;
  const { tenantId } = ctx;
  const [product] = await tx.product.updateManyAndReturn({
    where: { tenantId, id, ...(expectedVersion != null && { version: expectedVersion }) },
    data: { version: { increment: 1 } },
  });
  if (product) return product;

  const current = await tx.product.findFirst({ where: { tenantId, id } });
  if (!current) throw new UserErrors(notFound('product', idField));
  throw staleVersion(current, versionField);
}
