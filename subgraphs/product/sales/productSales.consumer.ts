import type { EventConsumer } from '../../shared/events/consumer';
import type { Tx } from '../database';

interface SoldLine {
  productId: string;
  quantity: number;
}

/** Counts how many of each product were bought, from what the order subgraph tells. */
export const productSales: EventConsumer<Tx> = {
  name: 'product.sales',
  // Additions: it does not matter which of an order's events comes first.
  isCommutative: true,
  effects: {
    'order.confirmed': (tx, { tenantId, data }) => add(tx, tenantId, data.lines, 1),
    'order.canceled': (tx, { tenantId, data }) => add(tx, tenantId, data.lines, -1),
    'order.refunded': (tx, { tenantId, data }) => add(tx, tenantId, data.lines, -1),
  },
  // The rows stay: BEST_SELLING lists what has one.
  reset: async (tx, tenantId) =>
    void (await tx.productSales.updateMany({ where: { tenantId }, data: { soldQuantity: 0n } })),
};

/** In the order of the products, so that two events at once do not wait for each other. */
async function add(tx: Tx, tenantId: string, lines: SoldLine[], sign: 1 | -1): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO product_sales AS known (tenant_id, product_id, sold_quantity)
    SELECT ${tenantId}, "productId", sum(quantity) * ${sign}::int
    FROM jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) AS line ("productId" text, quantity bigint)
    GROUP BY "productId" ORDER BY "productId"
    ON CONFLICT (tenant_id, product_id) DO UPDATE SET sold_quantity = known.sold_quantity + EXCLUDED.sold_quantity`;
}
