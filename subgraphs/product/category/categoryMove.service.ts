import { invalid, payload, staleVersion, throwIfAny, UserErrors } from '../../shared/userErrors';
import { moveItem } from '../catalog/moveItem';
import type { Context } from '../context';
import type { Category } from '../generated/prisma/client';
import type { CategoryMoveInput, UserErrorCode } from '../generated/resolvers';
import { categoryMoveFaults } from './categoryInput';
import { branchOf, childrenIn } from './categoryTree';
import { changeTree, requireParent, requirePlaced, writeSiblingOrder } from './changeTree';

/** Moves a category to another parent, to another position among its siblings, or both. */
export function categoryMove(ctx: Context, id: string, input: CategoryMoveInput) {
  return payload<'category', Category, UserErrorCode>('category', () => {
    const { tenantId } = ctx;
    throwIfAny(categoryMoveFaults(input));
    return changeTree(ctx, async (tx, tree) => {
      const category = requirePlaced(tree, id);
      if (input.expectedVersion != null && input.expectedVersion !== category.version) {
        throw staleVersion(await tx.category.findFirstOrThrow({ where: { tenantId, id } }));
      }
      const parentId = input.parentId === undefined ? category.parentId : input.parentId;
      const branch = branchOf(tree, id);
      if (parentId !== null && branch.has(parentId)) {
        throw new UserErrors(invalid(['input', 'parentId'], 'a category that is not below this one'));
      }
      requireParent(tree, parentId, Math.max(...branch.values()));

      await tx.category.updateMany({ where: { tenantId, id }, data: { parentId, version: { increment: 1 } } });
      const siblings = childrenIn(tree, parentId).map((sibling) => sibling.id);
      await writeSiblingOrder(tx, tenantId, moveItem(siblings, id, input.position ?? siblings.length));
      return tx.category.findFirstOrThrow({ where: { tenantId, id } });
    });
  });
}
