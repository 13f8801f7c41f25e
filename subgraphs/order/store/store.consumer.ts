import type { EventConsumer } from '../../shared/events/consumer';
import { keepSettings } from '../../shared/stores/storeRow';
import type { Tx } from '../database';
import { beginningsOfName } from '../orders/orderName';

/** Keeps each store's settings, from what the tenant subgraph tells. */
export const orderStores: EventConsumer<Tx> = {
  name: 'order.stores',
  isCommutative: false,
  effects: {
    'tenant.settings_changed': async (tx, event) => {
      await keepSettings(tx, event);
      const beginnings = beginningsOfName(event.data.orderPrefix);
      await tx.$executeRaw`
        UPDATE stores SET order_name_beginnings = ${beginnings}::text[]
        WHERE tenant_id = ${event.tenantId} AND settings_version = ${event.aggregateVersion}`;
    },
  },
};
