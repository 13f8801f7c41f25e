import { payload } from '../../shared/errors';
import { changeProduct } from '../catalog/changeProduct';
import { asUserErrors } from '../catalog/constraintErrors';
import { count, refuse } from '../catalog/faults';
import { MAX_CATEGORIES, missingFieldFaults, productFieldFaults } from '../catalog/productFields';
import { writeCategories, writeFields } from '../catalog/writeProduct';
import type { Context } from '../context';
import type { Product } from '../generated/prisma/client';
import type { ProductErrorCode, ProductUpdateInput } from '../generated/resolvers';
import { MAX_METAFIELDS, metafieldFaults } from '../metafield/metafieldInput';
import { writeMetafields } from '../metafield/metafields';

/** Changes what the client gave, all of it or nothing. */
export function productUpdate(ctx: Context, id: string, input: ProductUpdateInput) {
  return payload<'product', Product, ProductErrorCode>('product', async () => {
    const { categoryIds, expectedVersion } = input;
    const metafields = input.metafields ?? [];
    const metafieldsToDelete = input.metafieldsToDelete ?? [];
    refuse([
      ...missingFieldFaults(input),
      ...productFieldFaults(input),
      ...count(['input', 'categoryIds'], categoryIds ?? [], 0, MAX_CATEGORIES),
      ...metafieldFaults(metafields),
      ...count(['input', 'metafieldsToDelete'], metafieldsToDelete, 0, MAX_METAFIELDS),
    ]);

    const changed = { id, idField: ['id'], expectedVersion, versionField: ['input', 'expectedVersion'] };
    try {
      return await changeProduct(ctx, changed, async (tx, before) => {
        await writeFields(ctx, tx, before, input);
        if (categoryIds !== undefined) await writeCategories(tx, before, categoryIds ?? []);
        const owner = { kind: 'product', tenantId: ctx.tenantId, id } as const;
        await writeMetafields(tx, owner, metafields, metafieldsToDelete);
      });
    } catch (error) {
      throw await asUserErrors(ctx, error, { categoryIds: categoryIds ?? [] });
    }
  });
}
