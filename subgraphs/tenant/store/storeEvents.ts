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
 * Records a change of something that belongs to a store but is not part of its row, such as a domain. Locks the store, so that such changes
 * run one after another. Call it before changing a domain, to avoid a deadlock: tenantDomainSetPrimary also locks the store first.
 * @returns whether the store exists.
 */
export async function lockAndRecordUpdated(tx: Tx, tenantId: string): Promise<boolean> {
  const [store] = await tx.$queryRaw<Omit<Store, 'tenantId'>[]>`
    SELECT name, slug, version FROM tenants WHERE tenant_id = ${tenantId} FOR UPDATE`;
  if (!store) return false;
  await recordUpdated(tx, { tenantId, ...store });
  return true;
}
