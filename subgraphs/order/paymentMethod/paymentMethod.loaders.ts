import { alignToKeys } from '../../shared/batches';
import { loader } from '../loader';

// Without a check of its own: references to it are for staff only, see paymentMethod.rules.ts.
export const paymentMethodById = loader(async ({ db, tenantId }, ids) => {
  const methods = await db.paymentMethod.findMany({ where: { tenantId, id: { in: [...ids] } } });
  return alignToKeys(ids, methods, (method) => method.id);
});

/** The store's account at a provider, read once in a request; null where it has none. */
export const providerAccountByKind = loader(async ({ db, tenantId }, kinds) => {
  const settings = await db.paymentSettings.findFirst({ where: { tenantId }, select: { stripeAccountId: true } });
  return kinds.map((kind) => (kind === 'STRIPE' ? (settings?.stripeAccountId ?? null) : null));
});
