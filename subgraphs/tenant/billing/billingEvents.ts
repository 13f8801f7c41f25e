import { recordEvent } from '../../shared/events/recordEvent';
import type { Tx } from '../database';
import type { BillingStatus, Plan } from '../generated/prisma/client';

/**
 * Records a change of the plan, or of the state of its payments. Call it after writing the billing, to avoid a deadlock: tenantDomainAdd
 * also locks the billing first and then the store.
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
