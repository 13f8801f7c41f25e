import DataLoader from 'dataloader';
import { groupByKey } from '../../shared/batches';
import type { DatabaseContext } from '../../shared/callerContext';
import { seesEverything } from '../catalog/visibility';
import type { Db } from '../database';
import { findMetafields, type MetafieldModel, type MetafieldOwner } from './metafields';

export type MetafieldLoader = DataLoader<string, MetafieldModel[]>;

export interface MetafieldLoaders {
  metafieldsByProductId: MetafieldLoader;
  metafieldsByVariantId: MetafieldLoader;
  metafieldsByCategoryId: MetafieldLoader;
}

/** One statement for all owners of a kind in a tick: those that the caller may read. */
export function createMetafieldLoaders(ctx: DatabaseContext<Db>): MetafieldLoaders {
  const loaderOf = (kind: MetafieldOwner['kind']): MetafieldLoader =>
    new DataLoader(async (ids) => {
      const { tenantId, db } = ctx;
      const metafields = await findMetafields(db, { kind, tenantId, ids }, seesEverything(ctx));
      return groupByKey(ids, metafields, (metafield) => metafield.ownerId);
    });
  return {
    metafieldsByProductId: loaderOf('product'),
    metafieldsByVariantId: loaderOf('variant'),
    metafieldsByCategoryId: loaderOf('category'),
  };
}
