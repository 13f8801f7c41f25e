import { inUse, payload, staleVersion, UserErrors } from '../../shared/userErrors';
import type { Context } from '../context';
import type { MutationCategoryDeleteArgs, UserErrorCode } from '../generated/resolvers';
import { childrenIn } from './categoryTree';
import { changeTree, requirePlaced, writeSiblingOrder } from './changeTree';

/** Deletes a category, but not its products. The client chooses whether its children prevent that or move up to its parent. */
export function categoryDelete(ctx: Context, { id, children, expectedVersion }: MutationCategoryDeleteArgs) {
  return payload<'deletedCategoryId', string, UserErrorCode>('deletedCategoryId', async () => {
    const { tenantId } = ctx;
    await changeTree(ctx, async (tx, tree) => {
      const category = requirePlaced(tree, id);
      if (expectedVersion != null && expectedVersion !== category.version) {
        // Not as a StaleVersion: this payload has no field for the current category.
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
