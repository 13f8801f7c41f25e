import { badUserInput } from '../../shared/errors';
import { type Connection, connectionOf, type PageArgs } from '../../shared/pagination';
import type { Context } from '../context';
import type { Product, ProductVariant } from '../generated/prisma/client';
import type { QueryProductArgs, QueryProductVariantArgs } from '../generated/resolvers';
import { seesEverything, visibleProducts } from './visibility';

export type VariantConnection = Connection<ProductVariant>;

export async function findProduct(ctx: Context, args: QueryProductArgs): Promise<Product | null> {
  const { id, slug, externalReference } = args;
  if ([id, slug, externalReference].filter((name) => name != null).length !== 1) {
    throw badUserInput('id', 'exactly one of id, slug and externalReference');
  }
  if (id != null) return ctx.loaders.productById.load(id);
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

export async function findVariant(ctx: Context, { id, sku }: QueryProductVariantArgs): Promise<ProductVariant | null> {
  if ((id == null) === (sku == null)) throw badUserInput('id', 'either id or sku');
  if (id != null) return ctx.loaders.variantById.load(id);
  if (sku == null) return null;
  return ctx.db.productVariant.findFirst({ where: { tenantId: ctx.tenantId, sku, product: visibleProducts(ctx) } });
}

/** A product has at most 100 variants: all of a page's are loaded in one statement, and cut here. */
export async function listVariants(ctx: Context, productId: string, args: PageArgs): Promise<VariantConnection> {
  const variants = await ctx.loaders.variantsByProductId.load(productId);
  for (const variant of variants) ctx.loaders.variantById.prime(variant.id, variant);
  return connectionOf(variants, args, { key: 'POSITION', column: 'position', kind: 'number', reverse: false });
}
