import { alignToKeys } from '../../shared/batches';
import { loader } from '../loader';

export const storeImageById = loader(async ({ db, tenantId }, ids) => {
  const images = await db.storeImage.findMany({ where: { tenantId, id: { in: [...ids] } } });
  return alignToKeys(ids, images, (image) => image.id);
});
