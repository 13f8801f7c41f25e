import type { EventConsumer } from '../../shared/events/consumer';
import { FIRST_PLAN, type Plan } from '../../shared/plans';
import { keepSettings } from '../../shared/stores/storeRow';
import type { Tx } from '../database';

/** Keeps each store's settings and plan, from what the tenant subgraph tells. */
export const productStores: EventConsumer<Tx> = {
  name: 'product.stores',
  // What is older than what is kept is found out by the row itself: a plan has no version among the store's other events.
  isCommutative: true,
  effects: {
    'tenant.settings_changed': keepSettings,
    'tenant.plan_changed': async (tx, { tenantId, time, data: { plan } }) => {
      await tx.$executeRaw`
        INSERT INTO stores AS kept (tenant_id, plan, plan_changed_at) VALUES (${tenantId}, ${plan}, ${time}::timestamptz)
        ON CONFLICT (tenant_id) DO UPDATE SET plan = EXCLUDED.plan, plan_changed_at = EXCLUDED.plan_changed_at
        WHERE kept.plan_changed_at IS NULL OR kept.plan_changed_at <= EXCLUDED.plan_changed_at`;
    },
  },
};

/** The plan that the store is on: that of a new store, until another was told. */
export async function getPlan(tx: Tx, tenantId: string): Promise<Plan> {
  const [store] = await tx.$queryRaw<{ plan: Plan | null }[]>`SELECT plan FROM stores WHERE tenant_id = ${tenantId}`;
  return store?.plan ?? FIRST_PLAN;
}
