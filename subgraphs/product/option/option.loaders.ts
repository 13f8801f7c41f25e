import { groupByKey } from '../../shared/batches';
import { loader } from '../loader';

export const optionsByProductId = loader(async ({ db, tenantId }, productIds) => {
  const options = await db.productOption.findMany({
    where: { tenantId, productId: { in: [...productIds] } },
    orderBy: { position: 'asc' },
  });
  return groupByKey(productIds, options, (option) => option.productId);
});
