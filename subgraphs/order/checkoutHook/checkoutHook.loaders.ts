import { alignToKeys } from '../../shared/batches';
import { loader } from '../loader';

// Without a check of its own: references to it are for staff only, see checkoutHook.rules.ts.
export const checkoutHookById = loader(async ({ db, tenantId }, ids) => {
  const hooks = await db.checkoutHook.findMany({ where: { tenantId, id: { in: [...ids] } } });
  return alignToKeys(ids, hooks, (hook) => hook.id);
});
