import DataLoader from 'dataloader';
import { inOrderOfKeys } from '../../shared/batches';
import type { DatabaseContext } from '../../shared/callerContext';
import type { Db } from '../database';
import type { Category } from '../generated/prisma/client';

export interface CategoryLoaders {
  categoryById: DataLoader<string, Category | null>;
}

export function createCategoryLoaders(ctx: DatabaseContext<Db>): CategoryLoaders {
  return {
    categoryById: new DataLoader(async (ids) => {
      const categories = await ctx.db.category.findMany({ where: { tenantId: ctx.tenantId, id: { in: [...ids] } } });
      return inOrderOfKeys(ids, categories, (category) => category.id);
    }),
  };
}
