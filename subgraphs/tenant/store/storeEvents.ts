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
 * For a change of something that belongs to a store and has no part in its version, such as a domain. It locks the store, so that such
 * changes wait for one another. To avoid a deadlock it has to be called before a domain is changed: tenantDomainSetPrimary locks the
 * store first, too. @returns whether there is such a store.
 */
export async function lockAndRecordUpdated(tx: Tx, tenantId: string): Promise<boolean> {
  const [store] = await tx.$queryRaw<Omit<Store, 'tenantId'>[]>`
    SELECT name, slug, version FROM tenants WHERE tenant_id = ${tenantId} FOR UPDATE`;
  if (!store) return false;
  await recordUpdated(tx, { tenantId, ...store });
  return true;
}
