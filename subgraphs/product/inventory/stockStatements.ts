import { type InventoryPolicy, Prisma } from '../generated/prisma/client';

// Parts of the statements that change stock. Each of them locks the variants `v` in the order of their ids, to avoid deadlocks.

/** How a statement has changed one variant's `available`. */
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

/** The lines of a request, as a table `requested`: two arrays, so that the statement's text is the same for any number of lines. */
export const requestedLines = (lines: { variantId: string; quantity: number }[]) =>
  Prisma.sql`unnest(${lines.map(({ variantId }) => variantId)}::text[], ${lines.map(({ quantity }) => quantity)}::int[]) AS requested (variant_id, quantity)`;

/** Whether `change` of the `available` of a variant `v`, as it is under its lock, crosses zero or its threshold. */
export const crossesThreshold = (change: Prisma.Sql) => Prisma.sql`
  ((v.available > 0) <> (v.available + ${change} > 0)
    OR coalesce(v.available > v.low_stock_threshold AND v.available + ${change} <= v.low_stock_threshold, false))`;

/** The {@link StockChange} of a variant `v` that the statement has updated. */
export const stockChange = (change: Prisma.Sql) => Prisma.sql`
  jsonb_build_object('variantId', v.id, 'productId', v.product_id, 'sku', v.sku, 'before', v.available - ${change},
    'after', v.available, 'lowStockThreshold', v.low_stock_threshold, 'inventoryPolicy', v.inventory_policy,
    'stockVersion', v.stock_version)`;

/** All of them, of a statement whose update is named `stock`. */
export const STOCK_CHANGES = Prisma.sql`coalesce((SELECT jsonb_agg(change) FROM stock), '[]')`;
