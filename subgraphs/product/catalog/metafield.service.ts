import type { Context } from '../context';
import type { ProductMetafield } from '../generated/prisma/client';
import type { MetafieldType } from '../generated/resolvers';

export type MetafieldModel = Omit<ProductMetafield, 'type'> & { type: MetafieldType };

/** Of one product: those that the caller may read, by namespace and key. */
export async function listMetafields(ctx: Context, productId: string, namespace: string | null | undefined) {
  const metafields = (await ctx.loaders.metafieldsByProductId.load(productId)) as MetafieldModel[];
  return namespace == null ? metafields : metafields.filter((metafield) => metafield.namespace === namespace);
}

export async function findMetafield(ctx: Context, productId: string, name: { namespace: string; key: string }) {
  const metafields = await listMetafields(ctx, productId, name.namespace);
  return metafields.find(({ key }) => key === name.key) ?? null;
}
