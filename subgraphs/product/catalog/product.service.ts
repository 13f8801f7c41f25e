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
  // Shoppers may not read external references, so they may not guess them either.
  if (externalReference == null || !seesEverything(ctx)) return null;
  return ctx.db.product.findFirst({ where: { tenantId: ctx.tenantId, externalReference } });
}

/** By its current slug, or else by a former one: the product's `slug` tells the client where to redirect. */
async function findProductBySlug(ctx: Context, slug: string): Promise<Product | null> {
  const product = await ctx.db.product.findFirst({ where: { ...visibleProducts(ctx), slug } });
  if (product) return product;
  const { tenantId } = ctx;
  return ctx.db.product.findFirst({ where: { ...visibleProducts(ctx), formerSlugs: { some: { tenantId, slug } } } });
}
