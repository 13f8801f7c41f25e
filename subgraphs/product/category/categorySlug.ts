import { isForeignKeyViolation, isUniqueViolation } from '../../shared/constraints';
import { notFound, taken, UserErrors } from '../../shared/userErrors';
import type { Tx } from '../database';
import type { Category } from '../generated/prisma/client';

/** @throws UserErrors TAKEN when `write` violates the unique index of slugs, NOT_FOUND when it names no image of the store. */
export async function refuseViolations<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (isForeignKeyViolation(error, 'image')) throw new UserErrors(notFound('image', ['input', 'imageId']));
    if (!isUniqueViolation(error, 'slug')) throw error;
    throw new UserErrors(taken(['input', 'slug'], 'Another category has this slug.'));
  }
}

/**
 * Keeps old links to a category working. Call it after the new slug was written: the unique index has then proven that it is free,
 * and the row's lock excludes concurrent changes.
 */
export async function keepFormerSlug(tx: Tx, before: Category, slug: string): Promise<void> {
  const { tenantId, id: categoryId, slug: former } = before;
  await tx.categoryFormerSlug.deleteMany({ where: { tenantId, slug: { in: [slug, former] } } });
  await tx.categoryFormerSlug.createMany({ data: [{ tenantId, slug: former, categoryId }] });
}
