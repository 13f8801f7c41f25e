import { isForeignKeyViolation, isUniqueViolation } from '../../shared/constraints';
import { badUserInput, payload, UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { insertWithSlug, isSlug, SLUG_EXPECTED } from '../catalog/slug';
import type { Context } from '../context';
import type { Category } from '../generated/prisma/client';
import type { CategoryCreateInput, ProductErrorCode, QueryCategoryArgs } from '../generated/resolvers';
import { inTreeOrder } from './categoryTree';

export async function findCategory(ctx: Context, { id, slug }: QueryCategoryArgs): Promise<Category | null> {
  if ((id == null) === (slug == null)) throw badUserInput('id', 'either id or slug');
  if (id != null) return ctx.loaders.categoryById.load(id);
  return slug == null ? null : ctx.db.category.findFirst({ where: { tenantId: ctx.tenantId, slug } });
}

/** The whole tree in one statement. */
export async function listCategories(ctx: Context): Promise<Category[]> {
  const categories = await ctx.db.category.findMany({
    where: { tenantId: ctx.tenantId },
    orderBy: [{ position: 'asc' }, { id: 'asc' }],
  });
  for (const category of categories) ctx.loaders.categoryById.prime(category.id, category);
  return inTreeOrder(categories);
}

export function categoryCreate(ctx: Context, input: CategoryCreateInput) {
  return payload<'category', Category, ProductErrorCode>('category', async () => {
    const name = input.name.trim();
    if (name === '') throw refused(['input', 'name'], 'REQUIRED', 'Must not be empty.');
    if (name.length > 255) throw refused(['input', 'name'], 'INVALID', 'Expected at most 255 characters.');
    if (input.slug != null && !isSlug(input.slug)) {
      throw refused(['input', 'slug'], 'INVALID', `Expected ${SLUG_EXPECTED}.`);
    }
    const id = newId('cat');
    const { tenantId } = ctx;
    try {
      return await insertWithSlug({ id, name, slug: input.slug }, async (slug) =>
        ctx.db.category.create({ data: { tenantId, id, name, slug, parentId: input.parentId ?? null } }),
      );
    } catch (error) {
      if (isUniqueViolation(error, 'slug')) {
        throw refused(['input', 'slug'], 'TAKEN', 'Another category has this slug.');
      }
      // The foreign key carries the tenant, so another store's parent is answered as one that does not exist.
      if (isForeignKeyViolation(error)) throw refused(['input', 'parentId'], 'NOT_FOUND', 'No such category.');
      throw error;
    }
  });
}

const refused = (field: string[], code: ProductErrorCode, message: string) => new UserErrors({ field, code, message });
