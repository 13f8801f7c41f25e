import { newId } from '../../shared/ids';
import { invalid, payload, throwIfAny, UserErrors } from '../../shared/userErrors';
import { moveItem } from '../catalog/moveItem';
import { insertWithSlug } from '../catalog/slug';
import type { Context } from '../context';
import type { Category } from '../generated/prisma/client';
import type { CategoryCreateInput, UserErrorCode } from '../generated/resolvers';
import { insertMetafields } from '../metafield/metafields';
import { categoryColumns, categoryCreateFaults } from './categoryInput';
import { refuseViolations } from './categorySlug';
import { childrenIn } from './categoryTree';
import { changeTree, requireParent, writeSiblingOrder } from './changeTree';

/** The most categories of a store: each change of the tree's shape reads the whole tree. */
const MAX_CATEGORIES = 5_000;

export function categoryCreate(ctx: Context, input: CategoryCreateInput) {
  return payload<'category', Category, UserErrorCode>('category', () => {
    throwIfAny(categoryCreateFaults(input));
    const id = newId('cat');
    return refuseViolations(() =>
      insertWithSlug({ id, name: input.name, slug: input.slug }, (slug) => insertCategory(ctx, id, slug, input)),
    );
  });
}

function insertCategory(ctx: Context, id: string, slug: string, input: CategoryCreateInput): Promise<Category> {
  const { tenantId } = ctx;
  const parentId = input.parentId ?? null;
  return changeTree(ctx, async (tx, tree) => {
    if (tree.length >= MAX_CATEGORIES) {
      throw new UserErrors(invalid(['input'], `at most ${MAX_CATEGORIES} of a store`));
    }
    requireParent(tree, parentId, 1);
    const category = await tx.category.create({
      data: { ...categoryColumns(input), tenantId, id, slug, name: input.name.trim(), parentId },
    });
    // After the insert, whose unique index has proven that the slug is free. If it was another category's former slug, it now leads here.
    await tx.categoryFormerSlug.deleteMany({ where: { tenantId, slug } });
    await insertMetafields(tx, 'category', tenantId, [{ id, metafields: input.metafields }]);
    const siblings = childrenIn(tree, parentId).map((sibling) => sibling.id);
    const position = input.position ?? siblings.length;
    await writeSiblingOrder(tx, tenantId, moveItem(siblings, id, position));
    return { ...category, position: Math.min(position, siblings.length) };
  });
}
