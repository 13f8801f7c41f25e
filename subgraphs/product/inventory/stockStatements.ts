import { type InventoryPolicy, Prisma } from '../generated/prisma/client';

// Parts of the statements that change stock. Each statement locks the variants `v` in id order to avoid deadlocks.

/** A variant's `available` before and after a statement. */
export interface StockChange {
  variantId: string;
  productId: string;
  sku: string;
  before: number;
  after: number;
  lowStockThreshold: number | null;
  inventoryPolicy: InventoryPolicy;
  stockVersion: number;
}

/** A request's lines as the table `requested`. Passed as two arrays, so the statement's text is the same for any number of lines. */
export const requestedLines = (lines: { variantId: string; quantity: number }[]) =>
  Prisma.sql`unnest(${lines.map(({ variantId }) => variantId)}::text[], ${lines.map(({ quantity }) => quantity)}::int[]) AS requested (variant_id, quantity)`;

/** Whether adding `change` to the `available` of the locked variant `v` crosses zero or the variant's threshold. */
export const crossesThreshold = (change: Prisma.Sql) => Prisma.sql`
  ((v.available > 0) <> (v.available + ${change} > 0)
    OR coalesce(v.available > v.low_stock_threshold AND v.available + ${change} <= v.low_stock_threshold, false))`;

/** The {@link StockChange} of a variant `v` that the statement has updated. */
export const stockChange = (change: Prisma.Sql) => Prisma.sql`
  jsonb_build_object('variantId', v.id, 'productId', v.product_id, 'sku', v.sku, 'before', v.available - ${change},
    'after', v.available, 'lowStockThreshold', v.low_stock_threshold, 'inventoryPolicy', v.inventory_policy,
    'stockVersion', v.stock_version)`;

/** All changes of a statement whose update is named `stock`, as JSON. */
export const STOCK_CHANGES = Prisma.sql`coalesce((SELECT jsonb_agg(change) FROM stock), '[]')`;
