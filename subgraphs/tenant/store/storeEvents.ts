import { recordEvent } from '../../shared/events/recordEvent';
import type { Tx } from '../database';
import type { BillingStatus, Plan, Tenant, TenantSettings } from '../generated/prisma/client';

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

/**
 * As {@link recordPartUpdated}, with what other services go by: a thing of its own with a version of its own, for who hears of it hears
 * nothing else of the store, and must know which change is the later one.
 */
export async function recordSettingsChanged(tx: Tx, settings: TenantSettings): Promise<void> {
  const { tenantId, version, locale, timeZone, taxIncludedInPrices, showExactStock } = settings;
  if (!(await recordPartUpdated(tx, tenantId))) return;
  const aggregate = { aggregateId: tenantId, aggregateVersion: version };
  const data = { locale, timeZone, taxIncludedInPrices, showExactStock };
  await recordEvent(tx, { type: 'tenant.settings_changed', ...aggregate, data });
}

/** @param at by Clerk's clock: a person who comes back is removed later the next time. */
export const recordMemberRemoved = (tx: Tx, userId: string, at: Date): Promise<void> =>
  recordEvent(tx, {
    type: 'tenant.member.removed',
    aggregateId: userId,
    aggregateVersion: at.getTime(),
    data: { userId },
  });

/**
 * That a store is on another plan, or pays for it otherwise. Called after the write of its billing: whoever adds a domain
 * locks the two in that order.
 */
export async function recordPlanChanged(
  tx: Tx,
  tenantId: string,
  data: { plan: Plan; previousPlan: Plan; status: BillingStatus },
): Promise<void> {
  const [store] = await tx.$queryRaw<{ version: number }[]>`
    SELECT version FROM tenants WHERE tenant_id = ${tenantId} FOR NO KEY UPDATE`;
  if (!store) return;
  const aggregate = { aggregateId: tenantId, aggregateVersion: store.version };
  await recordEvent(tx, { type: 'tenant.plan_changed', ...aggregate, data });
}

/** Of the person, in whose scope it is recorded: nobody knows here in which stores they have bought. */
export const recordUserDeleted = (tx: Tx, userId: string, at: Date): Promise<void> =>
  recordEvent(tx, {
    type: 'tenant.user.deleted',
    aggregateId: userId,
    aggregateVersion: at.getTime(),
    data: { userId },
  });
