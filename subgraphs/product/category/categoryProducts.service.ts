import { z } from 'zod';
import { recordEvents } from '../../shared/events/recordEvent';
import { list, readInput } from '../../shared/inputReader';
import { notFound, payload, throwIfAny, UserErrors } from '../../shared/userErrors';
import { productEvent } from '../catalog/productEvents';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Category } from '../generated/prisma/client';
import type { UserErrorCode } from '../generated/resolvers';

/** The most products of one request. */
const MAX_PRODUCTS = 100;

/** Adds products to a category. Products that are in it already stay. */
export function categoryProductsAdd(ctx: Context, id: string, productIds: string[]) {
  return changeProducts(ctx, id, productIds, 'add');
}

/** Removes products from a category. Products that are not in it are skipped. */
export function categoryProductsRemove(ctx: Context, id: string, productIds: string[]) {
  return changeProducts(ctx, id, productIds, 'remove');
}

function changeProducts(ctx: Context, id: string, productIds: string[], change: 'add' | 'remove') {
  return payload<'category', Category, UserErrorCode>('category', async () => {
    const { tenantId } = ctx;
    readInput(list(z.string(), { min: 1, max: MAX_PRODUCTS }), productIds, ['productIds']);
    const category = await ctx.db.$transaction(async (tx) => {
      const found = await tx.category.findFirst({ where: { tenantId, id } });
      if (!found) throw new UserErrors(notFound('category'));
      const existing = await lockProducts(tx, tenantId, productIds);
      const where = { tenantId, categoryId: id, productId: { in: existing } };
      const before = await tx.productCategory.findMany({ where, select: { productId: true } });
      const wasIn = new Set(before.map(({ productId }) => productId));
      if (change === 'add') {
        const data = existing.map((productId) => ({ tenantId, productId, categoryId: id }));
        await tx.productCategory.createMany({ data, skipDuplicates: true });
      } else {
        await tx.productCategory.deleteMany({ where });
      }
      await recordChanged(
        tx,
        tenantId,
        existing.filter((productId) => wasIn.has(productId) === (change === 'remove')),
      );
      return found;
    });
    ctx.forgetLoaded();
    return category;
  });
}

/** Locks in id order to avoid deadlocks. @returns the ids without repeats. @throws UserErrors NOT_FOUND for each missing product. */
async function lockProducts(tx: Tx, tenantId: string, productIds: string[]): Promise<string[]> {
  const products = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM products WHERE tenant_id = ${tenantId} AND id = ANY (${productIds}) ORDER BY id FOR NO KEY UPDATE`;
  const existing = new Set(products.map((product) => product.id));
  throwIfAny(
    productIds.flatMap((productId, index) =>
      existing.has(productId) ? [] : [notFound('product', ['productIds', String(index)])],
    ),
  );
  return [...existing];
}

/** Categories are part of a product, so each changed product gets a new version and an event. */
async function recordChanged(tx: Tx, tenantId: string, productIds: string[]): Promise<void> {
  const products = await tx.product.updateManyAndReturn({
    where: { tenantId, id: { in: productIds } },
    data: { version: { increment: 1 } },
  });
  await recordEvents(
    tx,
    products.map((product) => productEvent('product.updated', product)),
  );
}
