import type { EventConsumer } from '../../shared/events/consumer';
import type { Tx } from '../database';

interface SoldLine {
  productId: string;
  quantity: number;
}

/** A read model from the order subgraph's events: how many units of each product were bought. */
export const productSales: EventConsumer<Tx> = {
  name: 'product.sales',
  // Additions commute: it does not matter which of an order's events is processed first.
  isCommutative: true,
  effects: {
    'order.confirmed': (tx, { tenantId, data }) => add(tx, tenantId, data.lines, 1),
    'order.canceled': (tx, { tenantId, data }) => add(tx, tenantId, data.lines, -1),
    'order.refunded': (tx, { tenantId, data }) => add(tx, tenantId, data.lines, -1),
  },
  // Rows are reset and not deleted, because a list by BEST_SELLING leaves out products without one.
  reset: async (tx, tenantId) =>
    void (await tx.productSales.updateMany({ where: { tenantId }, data: { soldQuantity: 0n } })),
};

/** Locks in id order to avoid deadlocks between concurrent events. */
async function add(tx: Tx, tenantId: string, lines: SoldLine[], sign: 1 | -1): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO product_sales AS known (tenant_id, product_id, sold_quantity)
    SELECT ${tenantId}, "productId", sum(quantity) * ${sign}::int
    FROM jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) AS line ("productId" text, quantity bigint)
    GROUP BY "productId" ORDER BY "productId"
    ON CONFLICT (tenant_id, product_id) DO UPDATE SET sold_quantity = known.sold_quantity + EXCLUDED.sold_quantity`;
}
