import { recordEvent } from '../../shared/events/recordEvent';
import type { Tx } from '../database';
import type { BillingStatus, Plan } from '../generated/prisma/client';

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
