import { groupByKey } from '../../shared/batches';
import { seesEverything } from '../catalog/visibility';
import { loader } from '../loader';
import { findMetafields, type MetafieldOwner } from './metafields';

/** The metafields that the caller may read, in one statement for all owners of a kind. */
const metafieldsOf = (kind: MetafieldOwner['kind']) =>
  loader(async (ctx, ids) => {
    const { tenantId, db } = ctx;
    const metafields = await findMetafields(db, { kind, tenantId, ids }, seesEverything(ctx));
    return groupByKey(ids, metafields, (metafield) => metafield.ownerId);
  });

export const metafieldsByProductId = metafieldsOf('product');
export const metafieldsByVariantId = metafieldsOf('variant');
export const metafieldsByCategoryId = metafieldsOf('category');
