import { lockResource } from '../../shared/lockResource';
import type { Context } from '../context';
import type { Tx } from '../database';

/** As much of a category as its place in the tree. */
export interface PlacedCategory {
  id: string;
  parentId: string | null;
  version: number;
}

/**
 * Runs `work` with the store's whole tree, siblings in their order, while nobody else changes its shape: of two moves that
 * would make a circle only together, the second sees what the first has done. The lock is the transaction's, and one
 * store's alone.
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

/** Gives siblings the places of `ids`, from 0. */
export async function writeSiblingOrder(tx: Tx, tenantId: string, ids: string[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE categories SET position = place - 1
    FROM unnest(${ids}::text[]) WITH ORDINALITY AS sorted (category_id, place)
    WHERE tenant_id = ${tenantId} AND id = category_id AND position <> place - 1`;
}
