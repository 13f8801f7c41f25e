import { isUniqueViolation } from '../../shared/constraints';
import { payload, UserErrors } from '../../shared/errors';
import { newId } from '../../shared/ids';
import { staleVersion } from '../catalog/changeProduct';
import { count, inUse, invalid, notFound, refuse, taken } from '../catalog/faults';
import { moveItem } from '../catalog/moveItem';
import { insertWithSlug } from '../catalog/slug';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Category } from '../generated/prisma/client';
import type {
  CategoryCreateInput,
  CategoryMoveInput,
  CategoryUpdateInput,
  MutationCategoryDeleteArgs,
  ProductErrorCode,
} from '../generated/resolvers';
import { MAX_METAFIELDS, metafieldFaults } from '../metafield/metafieldInput';
import { insertMetafields, writeMetafields } from '../metafield/metafields';
import { categoryColumns, categoryFieldFaults, missingFieldFaults, positionFaults } from './categoryInput';
import { branchOf, childrenIn, levelOf, MAX_LEVELS } from './categoryTree';
import { changeTree, type PlacedCategory, writeSiblingOrder } from './changeTree';

const MAX_CATEGORIES = 5_000;

export function categoryCreate(ctx: Context, input: CategoryCreateInput) {
  return payload<'category', Category, ProductErrorCode>('category', () => {
    const { tenantId } = ctx;
    const parentId = input.parentId ?? null;
    refuse([...categoryFieldFaults(input), ...positionFaults(input.position), ...metafieldFaults(input.metafields)]);
    const id = newId('cat');
    return withSlugFree(() =>
      insertWithSlug({ id, name: input.name, slug: input.slug }, (slug) =>
        changeTree(ctx, async (tx, tree) => {
          if (tree.length >= MAX_CATEGORIES)
            throw new UserErrors(invalid(['input'], `at most ${MAX_CATEGORIES} of a store`));
          refuseParent(tree, parentId, 1);
          const category = await tx.category.create({
            data: { ...categoryColumns(input), tenantId, id, slug, name: input.name.trim(), parentId },
          });
          // Only now, behind the unique index: another category's former address leads here from now on.
          await tx.categoryFormerSlug.deleteMany({ where: { tenantId, slug } });
          await insertMetafields(tx, 'category', tenantId, [{ id, metafields: input.metafields }]);
          const siblings = childrenIn(tree, parentId).map((sibling) => sibling.id);
          const position = input.position ?? siblings.length;
          await writeSiblingOrder(tx, tenantId, moveItem(siblings, id, position));
          return { ...category, position: Math.min(position, siblings.length) };
        }),
      ),
    );
  });
}

export function categoryUpdate(ctx: Context, id: string, input: CategoryUpdateInput) {
  return payload<'category', Category, ProductErrorCode>('category', async () => {
    const { tenantId } = ctx;
    const { slug, expectedVersion } = input;
    const metafields = input.metafields ?? [];
    const metafieldsToDelete = input.metafieldsToDelete ?? [];
    refuse([
      ...missingFieldFaults(input),
      ...categoryFieldFaults(input),
      ...metafieldFaults(metafields),
      ...count(['input', 'metafieldsToDelete'], metafieldsToDelete, 0, MAX_METAFIELDS),
    ]);
    const changed = await withSlugFree(() =>
      ctx.db.$transaction(async (tx) => {
        // The lock of the row: nobody else gives it another address meanwhile.
        const [before] = await tx.category.updateManyAndReturn({
          where: { tenantId, id, ...(expectedVersion != null && { version: expectedVersion }) },
          data: { version: { increment: 1 } },
        });
        if (!before) throw await staleOrMissing(tx, tenantId, id);
        const [after = before] = await tx.category.updateManyAndReturn({
          where: { tenantId, id },
          data: { ...categoryColumns(input), ...(slug != null && { slug }) },
        });
        if (after.slug !== before.slug) await keepFormerSlug(tx, before, after.slug);
        await writeMetafields(tx, { kind: 'category', tenantId, id }, metafields, metafieldsToDelete);
        return after;
      }),
    );
    ctx.forgetLoaded();
    return changed;
  });
}

/** To another parent, to another place among its siblings, or both. */
export function categoryMove(ctx: Context, id: string, input: CategoryMoveInput) {
  return payload<'category', Category, ProductErrorCode>('category', () => {
    const { tenantId } = ctx;
    refuse(positionFaults(input.position));
    return changeTree(ctx, async (tx, tree) => {
      const category = placed(tree, id);
      if (input.expectedVersion != null && input.expectedVersion !== category.version) {
        const current = await tx.category.findFirstOrThrow({ where: { tenantId, id } });
        throw staleVersion(current, ['input', 'expectedVersion']);
      }
      const parentId = input.parentId === undefined ? category.parentId : input.parentId;
      const branch = branchOf(tree, id);
      if (parentId !== null && branch.has(parentId)) {
        throw new UserErrors(invalid(['input', 'parentId'], 'a category that is not below this one'));
      }
      refuseParent(tree, parentId, Math.max(...branch.values()));

      await tx.category.updateMany({ where: { tenantId, id }, data: { parentId, version: { increment: 1 } } });
      const siblings = childrenIn(tree, parentId).map((sibling) => sibling.id);
      await writeSiblingOrder(tx, tenantId, moveItem(siblings, id, input.position ?? siblings.length));
      return tx.category.findFirstOrThrow({ where: { tenantId, id } });
    });
  });
}

/** Its products stay, and are no longer in it. Its children stand against it, or take its place. */
export function categoryDelete(ctx: Context, { id, children, expectedVersion }: MutationCategoryDeleteArgs) {
  return payload<'deletedCategoryId', string, ProductErrorCode>('deletedCategoryId', async () => {
    const { tenantId } = ctx;
    await changeTree(ctx, async (tx, tree) => {
      const category = placed(tree, id);
      if (expectedVersion != null && expectedVersion !== category.version) {
        // There is no room for the category as it is in this payload.
        throw new UserErrors(...staleVersion(category, ['expectedVersion']).userErrors);
      }
      const orphans = childrenIn(tree, id).map((child) => child.id);
      if (orphans.length > 0 && children === 'REFUSE') {
        throw new UserErrors(inUse(['id'], `${orphans.length} categories stand under it.`));
      }
      const { parentId } = category;
      const siblings = childrenIn(tree, parentId).flatMap((sibling) => (sibling.id === id ? orphans : [sibling.id]));
      await tx.category.updateMany({
        where: { tenantId, parentId: id },
        data: { parentId, version: { increment: 1 } },
      });
      await tx.category.deleteMany({ where: { tenantId, id } });
      await writeSiblingOrder(tx, tenantId, siblings);
    });
    return id;
  });
}

async function staleOrMissing(tx: Tx, tenantId: string, id: string): Promise<UserErrors> {
  const current = await tx.category.findFirst({ where: { tenantId, id } });
  return current ? staleVersion(current, ['input', 'expectedVersion']) : new UserErrors(notFound(['id'], 'category'));
}

/** Only after the new slug was written, behind its unique index: nobody else can take it, nor have had it since. */
async function keepFormerSlug(tx: Tx, { tenantId, id, slug: former }: Category, slug: string): Promise<void> {
  await tx.categoryFormerSlug.deleteMany({ where: { tenantId, slug: { in: [slug, former] } } });
  await tx.categoryFormerSlug.createMany({ data: [{ tenantId, slug: former, categoryId: id }] });
}

function placed(tree: PlacedCategory[], id: string): PlacedCategory {
  const category = tree.find((candidate) => candidate.id === id);
  if (!category) throw new UserErrors(notFound(['id'], 'category'));
  return category;
}

/** @param height of what is to stand under the parent, in levels. */
function refuseParent(tree: PlacedCategory[], parentId: string | null, height: number): void {
  const field = ['input', 'parentId'];
  if (parentId !== null && !tree.some(({ id }) => id === parentId)) throw new UserErrors(notFound(field, 'category'));
  if (levelOf(tree, parentId) + height > MAX_LEVELS)
    throw new UserErrors(invalid(field, `at most ${MAX_LEVELS} levels`));
}

async function withSlugFree<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isUniqueViolation(error, 'slug')) throw error;
    throw new UserErrors(taken(['input', 'slug'], 'Another category has this slug.'));
  }
}
