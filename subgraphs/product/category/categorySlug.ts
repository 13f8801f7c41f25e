import { isUniqueViolation } from '../../shared/constraints';
import { taken, UserErrors } from '../../shared/userErrors';
import type { Tx } from '../database';
import type { Category } from '../generated/prisma/client';

/** @throws UserErrors TAKEN where `write` violates the unique index of slugs. */
export async function refuseTakenSlug<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (!isUniqueViolation(error, 'slug')) throw error;
    throw new UserErrors(taken(['input', 'slug'], 'Another category has this slug.'));
  }
}

/**
 * Links with the slug that `before` had keep leading to it. To be called after its new slug was written: the unique index has
 * decided that this is free, and the row's lock that nobody else changes either.
 */
export async function keepFormerSlug(tx: Tx, before: Category, slug: string): Promise<void> {
  const { tenantId, id: categoryId, slug: former } = before;
  await tx.categoryFormerSlug.deleteMany({ where: { tenantId, slug: { in: [slug, former] } } });
  await tx.categoryFormerSlug.createMany({ data: [{ tenantId, slug: former, categoryId }] });
}
