import { alignToKeys } from '../../shared/batches';
import { loader } from '../loader';

// Without a check of its own: references to it are for staff only, see tax.rules.ts.
export const taxRateById = loader(async ({ db, tenantId }, ids) => {
  const rates = await db.taxRate.findMany({ where: { tenantId, id: { in: [...ids] } } });
  return alignToKeys(ids, rates, (rate) => rate.id);
});
