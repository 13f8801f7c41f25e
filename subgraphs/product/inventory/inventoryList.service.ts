import { type Connection, type PageArgs, readPage, type SortOrder, toConnection } from '../../shared/pagination';
import type { Context } from '../context';
import type { ProductVariant, StockMovement } from '../generated/prisma/client';
import { variantById } from '../variant/variant.loaders';

export type MovementConnection = Connection<StockMovement>;

/** Ids are UUIDv7, so sorting by id sorts by time, without ties. */
const BY_ID = { column: 'id', kind: 'text' } as const;

/** A variant's ledger, the newest entry first. */
export async function listMovements(ctx: Context, variantId: string, args: PageArgs): Promise<MovementConnection> {
  const sort: SortOrder = { key: 'LEDGER', ...BY_ID, reverse: true };
  const page = readPage(args, sort);
  const where = { tenantId: ctx.tenantId, variantId };
  const movements = await ctx.db.stockMovement.findMany({ ...page.query, where: { AND: [where, page.query.where] } });
  return toConnection(movements, page, () => ctx.db.stockMovement.count({ where }));
}

/** The variants whose available stock is at or below their threshold. */
export async function listLowStock(ctx: Context, args: PageArgs): Promise<Connection<ProductVariant>> {
  const page = readPage(args, { key: 'LOW_STOCK', ...BY_ID, reverse: false });
  const { productVariant } = ctx.db;
  const where = {
    tenantId: ctx.tenantId,
    lowStockThreshold: { not: null },
    available: { lte: productVariant.fields.lowStockThreshold },
  };
  const variants = await productVariant.findMany({ ...page.query, where: { AND: [where, page.query.where] } });
  for (const variant of variants) variantById(ctx).prime(variant.id, variant);
  return toConnection(variants, page, () => productVariant.count({ where }));
}
