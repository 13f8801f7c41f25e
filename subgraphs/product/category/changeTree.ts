import { lockResource } from '../../shared/lockResource';
import { invalid, notFound, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import { levelOf, MAX_LEVELS } from './categoryTree';

/** The columns of a category that give its position in the tree. */
export interface PlacedCategory {
  id: string;
  parentId: string | null;
  version: number;
}

/**
 * Runs `work` with the store's whole tree under an advisory lock of that store: otherwise two concurrent moves, each valid alone, could
 * together make a cycle. The lock is held until the transaction ends.
 */
export async function changeTree<Result>(
  ctx: Context,
  work: (tx: Tx, tree: PlacedCategory[]) => Promise<Result>,
): Promise<Result> {
  const { tenantId } = ctx;
  const result = await ctx.db.$transaction(async (tx) => {
    await lockResource(tx, tenantId, 'category tree');
    const tree = await tx.category.findMany({
      where: { tenantId },
      select: { id: true, parentId: true, version: true },
      orderBy: [{ position: 'asc' }, { id: 'asc' }],
    });
    return work(tx, tree);
  });
  ctx.forgetLoaded();
  return result;
}

/** @throws UserErrors NOT_FOUND when the category is not in the tree. */
export function requirePlaced(tree: PlacedCategory[], id: string): PlacedCategory {
  const category = tree.find((candidate) => candidate.id === id);
  if (!category) throw new UserErrors(notFound('category'));
  return category;
}

/** @param height of the branch to be put below the parent, in levels. @throws UserErrors NOT_FOUND, or INVALID when it gets too deep. */
export function requireParent(tree: PlacedCategory[], parentId: string | null, height: number): void {
  const field = ['input', 'parentId'];
  if (parentId !== null && !tree.some(({ id }) => id === parentId)) throw new UserErrors(notFound('category', field));
  if (levelOf(tree, parentId) + height > MAX_LEVELS) {
    throw new UserErrors(invalid(field, `at most ${MAX_LEVELS} levels`));
  }
}

/** Sets the siblings' positions to the order of `ids`, from 0. */
export async function writeSiblingOrder(tx: Tx, tenantId: string, ids: string[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE categories SET position = place - 1
    FROM unnest(${ids}::text[]) WITH ORDINALITY AS sorted (category_id, place)
    WHERE tenant_id = ${tenantId} AND id = category_id AND position <> place - 1`;
}
