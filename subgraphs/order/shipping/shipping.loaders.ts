import { alignToKeys } from '../../shared/batches';
import { loader } from '../loader';

// Without a check of its own: references to it are for staff only, see shipping.rules.ts.
export const shippingRateById = loader(async ({ db, tenantId }, ids) => {
  const rates = await db.shippingRate.findMany({ where: { tenantId, id: { in: [...ids] } } });
  return alignToKeys(ids, rates, (rate) => rate.id);
});
