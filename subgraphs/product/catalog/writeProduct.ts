import type { Context } from '../context';
import type { Tx } from '../database';
import type { Product } from '../generated/prisma/client';
import { type ProductFields, productColumns } from './productFields';
import { publishNow } from './publication';

/** Writes a locked product's own fields. */
export async function writeFields(ctx: Context, tx: Tx, before: Product, input: ProductFields): Promise<void> {
  const { tenantId } = ctx;
  const where = { tenantId, id: before.id };
  const moves = input.slug != null && input.slug !== before.slug;
  await tx.product.updateMany({ where, data: { ...productColumns(input), ...(moves && { slug: input.slug ?? '' }) } });
  if (moves) await keepFormerSlug(tx, before, input.slug ?? '');

  const isFirstTime = input.status === 'ACTIVE' && before.status !== 'ACTIVE' && before.publishedAt === null;
  if (isFirstTime && input.publishedAt === undefined) await publishNow(tx, tenantId, before.id);
}

/** Only after the new slug was written, behind its unique index: nobody else can take it, nor have had it since. */
async function keepFormerSlug(tx: Tx, { tenantId, id, slug: former }: Product, slug: string): Promise<void> {
  await tx.productFormerSlug.deleteMany({ where: { tenantId, slug: { in: [slug, former] } } });
  await tx.productFormerSlug.createMany({ data: [{ tenantId, slug: former, productId: id }] });
}

/** The product is in exactly these categories. A foreign key refuses what is no category of the store's. */
export async function writeCategories(tx: Tx, { tenantId, id }: Product, categoryIds: readonly string[]) {
  await tx.productCategory.deleteMany({
    where: { tenantId, productId: id, categoryId: { notIn: [...categoryIds] } },
  });
  await tx.productCategory.createMany({
    data: categoryIds.map((categoryId) => ({ tenantId, productId: id, categoryId })),
    skipDuplicates: true,
  });
}
