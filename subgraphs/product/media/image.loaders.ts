import { alignToKeys, groupByKey } from '../../shared/batches';
import { loader } from '../loader';

/** In the order they are shown. */
export const imagesByProductId = loader(async ({ db, tenantId }, productIds) => {
  const images = await db.productImage.findMany({
    where: { tenantId, productId: { in: [...productIds] } },
    orderBy: { position: 'asc' },
  });
  return groupByKey(productIds, images, (image) => image.productId);
});

export const imageById = loader(async ({ db, tenantId }, ids) => {
  const images = await db.productImage.findMany({ where: { tenantId, id: { in: [...ids] } } });
  return alignToKeys(ids, images, (image) => image.id);
});
