import { omitUndefined } from '../../shared/omitUndefined';
import { atVersion, requireUpdated } from '../../shared/optimisticLocking';
import { payload, throwIfAny } from '../../shared/userErrors';
import type { Context } from '../context';
import type { Tx } from '../database';
import type { Category } from '../generated/prisma/client';
import type { CategoryUpdateInput, UserErrorCode } from '../generated/resolvers';
import { writeMetafields } from '../metafield/metafields';
import { categoryColumns, categoryUpdateFaults } from './categoryInput';
import { keepFormerSlug, refuseViolations } from './categorySlug';

export function categoryUpdate(ctx: Context, id: string, input: CategoryUpdateInput) {
  return payload<'category', Category, UserErrorCode>('category', async () => {
    throwIfAny(categoryUpdateFaults(input));
    const changed = await refuseViolations(() => ctx.db.$transaction((tx) => writeCategory(ctx, tx, id, input)));
    ctx.forgetLoaded();
    return changed;
  });
}

async function writeCategory(ctx: Context, tx: Tx, id: string, input: CategoryUpdateInput): Promise<Category> {
  const { tenantId } = ctx;
  const where = { tenantId, id };
  // Locks the row, so that no concurrent request changes its slug.
  const before = await requireUpdated(
    await tx.category.updateManyAndReturn({
      where: { ...where, ...atVersion(input.expectedVersion) },
      data: { version: { increment: 1 } },
    }),
    () => tx.category.findFirst({ where }),
    'category',
  );
  const [after = before] = await tx.category.updateManyAndReturn({
    where,
    data: omitUndefined({ ...categoryColumns(input), slug: input.slug ?? undefined }),
  });
  if (after.slug !== before.slug) await keepFormerSlug(tx, before, after.slug);
  await writeMetafields(tx, { kind: 'category', tenantId, id }, input.metafields ?? [], input.metafieldsToDelete ?? []);
  return after;
}
