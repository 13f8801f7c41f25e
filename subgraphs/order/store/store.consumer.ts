import type { EventConsumer } from '../../shared/events/consumer';
import { keepSettings } from '../../shared/stores/storeRow';
import type { Tx } from '../database';
import { namePrefixes } from '../orders/orderName';

/** Stores each store's settings from the events of the tenant subgraph. */
export const orderStores: EventConsumer<Tx> = {
  name: 'order.stores',
  isCommutative: false,
  effects: {
    'tenant.settings_changed': async (tx, event) => {
      await keepSettings(tx, event);
      const prefixes = namePrefixes(event.data.orderPrefix);
      await tx.$executeRaw`
        UPDATE stores SET order_name_prefixes = ${prefixes}::text[]
        WHERE tenant_id = ${event.tenantId} AND settings_version = ${event.aggregateVersion}`;
    },
  },
};
