import { badUserInput } from '../../shared/errors';
import type { Context } from '../context';
import type { Product } from '../generated/prisma/client';
import type { QueryProductArgs } from '../generated/resolvers';
import { productById } from './product.loaders';
import { seesEverything, visibleProducts } from './visibility';

export async function findProduct(ctx: Context, args: QueryProductArgs): Promise<Product | null> {
  const { id, slug, externalReference } = args;
  if ([id, slug, externalReference].filter((name) => name != null).length !== 1) {
    throw badUserInput('id', 'exactly one of id, slug and externalReference');
  }
  if (id != null) return productById(ctx).load(id);
  if (slug != null) return findProductBySlug(ctx, slug);
  // Shoppers, who may not read a reference, may not try one out either.
  if (externalReference == null || !seesEverything(ctx)) return null;
  return ctx.db.product.findFirst({ where: { tenantId: ctx.tenantId, externalReference } });
}

/** At its address now, or else at one that it had: the product's own slug says where it has gone. */
async function findProductBySlug(ctx: Context, slug: string): Promise<Product | null> {
  const product = await ctx.db.product.findFirst({ where: { ...visibleProducts(ctx), slug } });
  if (product) return product;
  const { tenantId } = ctx;
  return ctx.db.product.findFirst({ where: { ...visibleProducts(ctx), formerSlugs: { some: { tenantId, slug } } } });
}
