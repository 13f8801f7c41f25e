import { recordEvent } from '../../shared/events/recordEvent';
import type { Tx } from '../database';
import type { Tenant } from '../generated/prisma/client';

type Store = Pick<Tenant, 'tenantId' | 'name' | 'slug' | 'version'>;

export const recordCreated = (tx: Tx, { tenantId, name, slug, version }: Store): Promise<void> =>
  recordEvent(tx, { type: 'tenant.created', aggregateId: tenantId, aggregateVersion: version, data: { name, slug } });

export const recordUpdated = (tx: Tx, { tenantId, name, slug, version }: Store): Promise<void> =>
  recordEvent(tx, { type: 'tenant.updated', aggregateId: tenantId, aggregateVersion: version, data: { name, slug } });

export const recordDeleted = (tx: Tx, { tenantId, version }: Store, eraseAfter: Date): Promise<void> =>
  recordEvent(tx, {
    type: 'tenant.deleted',
    aggregateId: tenantId,
    aggregateVersion: version,
    data: { eraseAfter: eraseAfter.toISOString() },
  });

/**
 * For a change of what hangs on a store, which does not count in its version. It locks the store, so that such changes come one
 * after the other: of its domains it has to come first, for the choice of the primary one locks in that order.
 */
export async function recordPartUpdated(tx: Tx, tenantId: string): Promise<boolean> {
  const [store] = await tx.$queryRaw<Omit<Store, 'tenantId'>[]>`
    SELECT name, slug, version FROM tenants WHERE tenant_id = ${tenantId} FOR UPDATE`;
  if (!store) return false;
  await recordUpdated(tx, { tenantId, ...store });
  return true;
}
