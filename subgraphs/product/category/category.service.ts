import { badUserInput } from '../../shared/errors';
import type { Context } from '../context';
import type { Category } from '../generated/prisma/client';
import type { QueryCategoryArgs } from '../generated/resolvers';
import { ancestorsByCategoryId, categoryById, childrenByCategoryId } from './category.loaders';
import { inTreeOrder } from './categoryTree';

export async function findCategory(ctx: Context, { id, slug }: QueryCategoryArgs): Promise<Category | null> {
  if ((id == null) === (slug == null)) throw badUserInput('id', 'either id or slug');
  if (id != null) return categoryById(ctx).load(id);
  return slug == null ? null : findCategoryBySlug(ctx, slug);
}

/** By its current slug, or else by a former one: the category's `slug` tells the client where to redirect. */
async function findCategoryBySlug({ db, tenantId }: Context, slug: string): Promise<Category | null> {
  const category = await db.category.findFirst({ where: { tenantId, slug } });
  if (category) return category;
  return db.category.findFirst({ where: { tenantId, formerSlugs: { some: { tenantId, slug } } } });
}

/** Reads the whole tree in one statement, and primes the loaders of parents, children and ancestors, which then need none. */
export async function listCategories(ctx: Context): Promise<Category[]> {
  const categories = await ctx.db.category.findMany({
    where: { tenantId: ctx.tenantId },
    orderBy: [{ position: 'asc' }, { id: 'asc' }],
  });
  const ordered = inTreeOrder(categories);
  const byId = new Map(ordered.map((category) => [category.id, category]));
  const childrenOf = new Map<string, Category[]>(ordered.map(({ id }) => [id, []]));
  const ancestorsOf = new Map<string, Category[]>();
  for (const category of ordered) {
    const { id, parentId } = category;
    const parent = byId.get(parentId ?? '');
    const ancestors = parent ? [...(ancestorsOf.get(parent.id) ?? []), parent] : [];
    if (parent) childrenOf.get(parent.id)?.push(category);
    ancestorsOf.set(id, ancestors);
    categoryById(ctx).prime(id, category);
    ancestorsByCategoryId(ctx).prime(id, ancestors);
  }
  for (const [id, children] of childrenOf) childrenByCategoryId(ctx).prime(id, children);
  return ordered;
}
