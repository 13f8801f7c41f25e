import { payload, UserErrors } from '../../shared/errors';
import { recordEvents } from '../../shared/events/recordEvent';
import { count, notFound, refuse } from '../catalog/faults';
import { productEvent } from '../catalog/productEvents';
import type { Context } from '../context';
import type { Category } from '../generated/prisma/client';
import type { ProductErrorCode } from '../generated/resolvers';

const MAX_CONCURRENCY = 100;

/** Puts products into a category. Those that are in it already stay. */
export function categoryProductsAdd(ctx: Context, id: string, productIds: string[]) {
  return changeProducts(ctx, id, productIds, 'added');
}

/** Takes products out of a category. Those that are not in it are passed over. */
export function categoryProductsRemove(ctx: Context, id: string, productIds: string[]) {
  return changeProducts(ctx, id, productIds, 'removed');
}

function changeProducts(ctx: Context, id: string, productIds: string[], outcome: 'added' | 'removed') {
  return payload<'category', Category, ProductErrorCode>('category', async () => {
    const { tenantId } = ctx;
    refuse(count(['productIds'], productIds, 1, MAX_CONCURRENCY));
    const category = await ctx.db.$transaction(async (tx) => {
      const found = await tx.category.findFirst({ where: { tenantId, id } });
      if (!found) throw new UserErrors(notFound(['id'], 'category'));
      // In one order for all, so that two requests can't wait for each other's products.
      const products = await tx.$queryRaw<{ id: string }[]>`
        SELECT id FROM products WHERE tenant_id = ${tenantId} AND id = ANY (${productIds}) ORDER BY id FOR NO KEY UPDATE`;
      const existing = new Set(products.map((product) => product.id));
      refuse(
        productIds.flatMap((productId, index) =>
          existing.has(productId) ? [] : [notFound(['productIds', String(index)], 'product')],
        ),
      );
      const links = [...existing].map((productId) => ({ tenantId, productId, categoryId: id }));
      const where = { tenantId, categoryId: id, productId: { in: [...existing] } };
      const before = await tx.productCategory.findMany({ where, select: { productId: true } });
      const wasIn = new Set(before.map(({ productId }) => productId));
      if (outcome === 'added') await tx.productCategory.createMany({ data: links, skipDuplicates: true });
      else await tx.productCategory.deleteMany({ where });
      const changed = [...existing].filter((productId) => wasIn.has(productId) === (outcome === 'removed'));
      const after = await tx.product.updateManyAndReturn({
        where: { tenantId, id: { in: changed } },
        data: { version: { increment: 1 } },
      });
      await recordEvents(
        tx,
        after.map((product) => productEvent('product.updated', product)),
      );
      return found;
    });
    ctx.forgetLoaded();
    return category;
  });
}
