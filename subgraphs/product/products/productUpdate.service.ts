import { MAX_METAFIELDS } from '../../shared/limits';
import { payload, throwIfAny } from '../../shared/userErrors';
import { count } from '../catalog/faults';
import type { Context } from '../context';
import type { Product } from '../generated/prisma/client';
import type { ProductUpdateInput, UserErrorCode } from '../generated/resolvers';
import { productSetFaults } from './productSetFaults';
import { setProduct } from './setProduct';

/** Changes the given fields, all or none. The product gets a new version even if nothing changes. */
export function productUpdate(ctx: Context, id: string, input: ProductUpdateInput) {
  return payload<'product', Product, UserErrorCode>('product', async () => {
    const { metafields, metafieldsToDelete, ...fields } = input;
    const toDelete = metafieldsToDelete ?? [];
    const changesMetafields = (metafields ?? []).length > 0 || toDelete.length > 0;
    const partial = {
      ...fields,
      ...(changesMetafields && { metafields: metafields ?? [], metafieldsToDelete: toDelete, keepsMetafields: true }),
    };
    throwIfAny([...productSetFaults(partial), ...count(['input', 'metafieldsToDelete'], toDelete, 0, MAX_METAFIELDS)]);
    return setProduct(ctx, { id, input: partial, isAlwaysNewVersion: true }, ['id']);
  });
}
