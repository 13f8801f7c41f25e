import type { EventConsumer } from '../../shared/events/consumer';
import { FIRST_PLAN, type Plan } from '../../shared/plans';
import { keepSettings } from '../../shared/stores/storeRow';
import type { Tx } from '../database';

/** Stores each store's settings and plan from the events of the tenant subgraph. */
export const productStores: EventConsumer<Tx> = {
  name: 'product.stores',
  // Plan changes share their aggregate's version with other events, so only their time orders them: the row itself rejects outdated events.
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

/** The store's plan; until the first event arrives, that of a new store. */
export async function getPlan(tx: Tx, tenantId: string): Promise<Plan> {
  const [store] = await tx.$queryRaw<{ plan: Plan | null }[]>`SELECT plan FROM stores WHERE tenant_id = ${tenantId}`;
  return store?.plan ?? FIRST_PLAN;
}
